// Lines and JSON from findings, see findings.h.
#include "cli/findings.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/check_codes.h"
#include "cli/text_layout.h"
#include "sqs/protocol.h"

namespace sqs2pg::cli {

namespace {

// Longer places do not push everybody else's sentence to the right.
constexpr std::size_t kWidestPlace = 40;
constexpr std::size_t kVerdictWidth = 9;  // with the gap behind it

std::string counted(std::ptrdiff_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\": ", out.ends_with('{') ? "" : ", ", name);
    sqs::append_json_string(out, value);
}

}  // namespace

std::string_view name_of(Verdict verdict) noexcept {
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

void Findings::add(Verdict verdict, std::string_view code, std::string place, std::string sentence) {
    findings_.push_back({verdict, std::string(code), pipeline_, std::move(place), std::move(sentence)});
}

void Findings::ok(std::string_view code, std::string place, std::string sentence) {
    add(Verdict::Ok, code, std::move(place), std::move(sentence));
}

void Findings::warning(std::string_view code, std::string place, std::string sentence) {
    add(Verdict::Warning, code, std::move(place), std::move(sentence));
}

void Findings::error(std::string_view code, std::string place, std::string sentence) {
    add(Verdict::Error, code, std::move(place), std::move(sentence));
}

void Findings::error(std::string_view code, std::string place, const Error& error) {
    add(Verdict::Error, code, std::move(place), error.detail.empty() ? error.code : error.detail);
}

std::ptrdiff_t Findings::count(Verdict verdict) const {
    return std::ranges::count(findings_, verdict, &CheckFinding::verdict);
}

bool Findings::any_error() const { return count(Verdict::Error) > 0; }

std::string Findings::text(const Screen& screen) const {
    std::size_t width = 0;
    for (const auto& finding : findings_) width = std::max(width, std::min(kWidestPlace, width_of(finding.place)));
    // Sentences want a column of at least half the terminal; else they stand under their place.
    const bool below = screen.width != 0 && kVerdictWidth + width + 2 > screen.width / 2;
    const auto* worst = static_cast<const CheckFinding*>(nullptr);
    std::string out;
    for (const auto& finding : findings_) {
        auto sentence = finding.sentence;
        if (finding.verdict != Verdict::Ok) {
            sentence += fmt::format(" [{}]", finding.code);
            if (worst == nullptr || finding.verdict > worst->verdict) worst = &finding;
        }
        out += inked_word(screen, padded(name_of(finding.verdict), kVerdictWidth - 2)) + "  ";
        if (screen.width == 0) {
            out += padded(finding.place, width) + "  " + sentence + "\n";
        } else if (below) {
            out += finding.place + "\n" + wrapped(sentence, screen.width, kVerdictWidth);
        } else {
            const auto place = padded(finding.place, width) + "  ";
            const auto begin = kVerdictWidth + width_of(place);
            out += place + wrapped(sentence, screen.width, kVerdictWidth + width + 2, begin).substr(begin);
        }
    }
    if (worst != nullptr) out += explain_hint(screen, worst->code, "a code in brackets");
    fmt::format_to(std::back_inserter(out), "{}, {}\n", counted(count(Verdict::Error), "error"),
                   counted(count(Verdict::Warning), "warning"));
    return out;
}

std::string Findings::json() const {
    auto out = fmt::format("{{\"errors\": {}, \"warnings\": {}, \"findings\": [", count(Verdict::Error),
                           count(Verdict::Warning));
    bool first = true;
    for (const auto& finding : findings_) {
        out += first ? "\n  " : ",\n  ";
        first = false;
        std::string member = "{";
        append_member(member, "verdict", name_of(finding.verdict));
        append_member(member, "code", finding.code);
        if (!finding.pipeline.empty()) append_member(member, "pipeline", finding.pipeline);
        append_member(member, "place", finding.place);
        append_member(member, "sentence", finding.sentence);
        const auto* known = finding.verdict == Verdict::Ok ? nullptr : find_check_code(finding.code);
        if (known != nullptr) {
            append_member(member, "reason", known->reason);
            append_member(member, "remedy", known->remedy);
        }
        out += member + "}";
    }
    out += first ? "]}\n" : "\n]}\n";
    return out;
}

}  // namespace sqs2pg::cli
