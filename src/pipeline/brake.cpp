// Windows and the verdict on them, see brake.h.
#include "pipeline/brake.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kMostKinds = 32;  // the rest are "other"

}  // namespace

Brake::Brake(const BrakeOptions& options) : options_(options) {}

std::optional<std::string> Brake::add(JudgedAt point, std::span<const BadMessage* const> verdicts) {
    if (!options_.on || verdicts.empty()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (tripped_) return std::nullopt;
    Window& window = windows_[static_cast<std::size_t>(point)];
    for (const auto* bad : verdicts) {
        push(window, bad != nullptr ? kind_of(*bad) : 0);
        if (bad == nullptr || !over(window)) continue;
        tripped_ = true;
        why_ = sentence(window);
        return why_;
    }
    return std::nullopt;
}

std::optional<std::string> Brake::tripped() {
    if (!tripped_) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return tripped_ ? std::optional(why_) : std::nullopt;
}

void Brake::release() {
    const std::lock_guard lock(mutex_);
    for (auto& window : windows_) window = Window{};
    kinds_.clear();
    tripped_ = false;
}

void Brake::push(Window& window, std::uint8_t kind) const {
    if (window.last.size() < options_.of) {
        window.last.push_back(kind);
    } else {
        auto& oldest = window.last[window.next];
        if (oldest != 0) --window.bad;
        oldest = kind;
    }
    window.next = (window.next + 1) % options_.of;
    if (kind != 0) ++window.bad;
}

bool Brake::over(const Window& window) const {
    return window.bad >= options_.bad &&
           window.bad * 100 > window.last.size() * static_cast<std::size_t>(options_.percent);
}

std::uint8_t Brake::kind_of(const BadMessage& bad) {
    auto name = bad.place.empty() ? bad.reason : fmt::format("{} ({})", bad.reason, bad.place);
    auto found = std::ranges::find(kinds_, name);
    auto index = static_cast<std::size_t>(found - kinds_.begin());
    if (found == kinds_.end() && kinds_.size() < kMostKinds) kinds_.push_back(std::move(name));
    return static_cast<std::uint8_t>(std::min(index, kMostKinds) + 1);
}

std::string Brake::sentence(const Window& window) const {
    std::array<std::size_t, kMostKinds + 2> counts{};
    for (auto kind : window.last) ++counts.at(kind);
    auto most = std::max_element(counts.begin() + 1, counts.begin() + 1 + static_cast<std::ptrdiff_t>(kinds_.size()));
    auto kind = static_cast<std::size_t>(most - counts.begin()) - 1;
    return fmt::format("{} of the last {} messages were bad, most often {}", window.bad, window.last.size(),
                       kinds_.at(kind));
}

}  // namespace sqs2pg::pipeline
