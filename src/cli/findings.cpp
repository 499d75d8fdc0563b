// Lines from findings, see findings.h.
#include "cli/findings.h"

#include <algorithm>

#include <fmt/format.h>

namespace sqs2pg::cli {

namespace {

// Longer places do not push everybody else's sentence to the right.
constexpr std::size_t kWidestPlace = 40;

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Ok:
            return "ok";
        case Verdict::Warning:
            return "warning";
        case Verdict::Error:
            return "error";
    }
    return "error";
}

std::string counted(std::ptrdiff_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

void Findings::ok(std::string place, std::string sentence) {
    findings_.push_back({Verdict::Ok, std::move(place), std::move(sentence)});
}

void Findings::warning(std::string place, std::string sentence) {
    findings_.push_back({Verdict::Warning, std::move(place), std::move(sentence)});
}

void Findings::error(std::string place, std::string sentence) {
    findings_.push_back({Verdict::Error, std::move(place), std::move(sentence)});
}

void Findings::error(std::string place, const Error& error) {
    this->error(std::move(place), error.detail.empty() ? error.code : error.detail);
}

bool Findings::any_error() const {
    return std::ranges::any_of(findings_, [](const auto& finding) { return finding.verdict == Verdict::Error; });
}

std::string Findings::text() const {
    std::size_t width = 0;
    for (const auto& finding : findings_) width = std::max(width, std::min(kWidestPlace, finding.place.size()));
    std::string out;
    for (const auto& finding : findings_) {
        fmt::format_to(std::back_inserter(out), "{:<7}  {:<{}}  {}\n", name_of(finding.verdict), finding.place, width,
                       finding.sentence);
    }
    const auto count = [&](Verdict verdict) { return std::ranges::count(findings_, verdict, &CheckFinding::verdict); };
    fmt::format_to(std::back_inserter(out), "{}, {}\n", counted(count(Verdict::Error), "error"),
                   counted(count(Verdict::Warning), "warning"));
    return out;
}

}  // namespace sqs2pg::cli
