// Reading fault rules, and deciding which of them hit a call.
#include "devqueue/faults.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <simdjson.h>

namespace sqs2pg::devqueue {
namespace {

struct NamedKind {
    std::string_view name;
    FaultKind kind;
};

constexpr std::array kKinds = {
    NamedKind{"error", FaultKind::Error},
    NamedKind{"throttle", FaultKind::Throttle},
    NamedKind{"over_limit", FaultKind::OverLimit},
    NamedKind{"access_denied", FaultKind::AccessDenied},
    NamedKind{"delay", FaultKind::Delay},
    NamedKind{"drop_before", FaultKind::DropBefore},
    NamedKind{"drop_after", FaultKind::DropAfter},
    NamedKind{"flip_bit", FaultKind::FlipBit},
    NamedKind{"fail_entries", FaultKind::FailEntries},
    NamedKind{"redeliver", FaultKind::Redeliver},
};

tl::unexpected<ApiError> bad_rule(std::string sentence) { return refuse("InvalidParameterValue", std::move(sentence)); }

Verdict set_member(FaultRule& rule, std::string_view key, simdjson::dom::element value, int& status) {
    std::string_view text;
    std::int64_t number = 0;
    bool is_text = value.get(text) == simdjson::SUCCESS;
    bool is_number = value.get(number) == simdjson::SUCCESS;
    double fraction = 0;
    if (key == "operation" && is_text) {
        rule.operation = text;
    } else if (key == "fault" && is_text) {
        const auto* kind = std::ranges::find(kKinds, text, &NamedKind::name);
        if (kind == kKinds.end())
            return bad_rule("There is no such fault; see the list in the documentation of --faults.");
        rule.kind = kind->kind;
    } else if (key == "times" && is_number && number >= 1) {
        rule.times = number;
    } else if (key == "fraction" && value.get(fraction) == simdjson::SUCCESS && fraction > 0 && fraction <= 1) {
        rule.fraction = fraction;
    } else if (key == "seed" && is_number && number >= 0) {
        rule.seed = static_cast<std::uint64_t>(number);
    } else if (key == "status" && (number == 500 || number == 503)) {
        status = static_cast<int>(number);
    } else if (key == "code" && (text == "ThrottlingException" || text == "RequestThrottled")) {
        rule.code = text == "RequestThrottled" ? "RequestThrottled" : "ThrottlingException";
    } else if (key == "ms" && is_number && number >= 0 && number <= 600'000) {
        rule.delay_ms = number;
    } else if (key == "entries" && is_number && number >= 1 && number <= 10) {
        rule.entries = static_cast<int>(number);
    } else {
        return bad_rule(fmt::format("The member \"{}\" of a fault rule is unknown, or its value is not allowed.", key));
    }
    return {};
}

Answer<FaultRule> read_rule(simdjson::dom::element element) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return bad_rule("A fault rule is a JSON object.");
    FaultRule rule;
    int status = 500;
    bool named = false;
    for (auto [key, value] : object) {
        named = named || key == "fault";
        if (auto set = set_member(rule, key, value, status); !set) return refuse(set.error());
    }
    if (!named) return bad_rule("A fault rule needs a \"fault\".");
    rule.random = Random(rule.seed);
    switch (rule.kind) {
        case FaultKind::Error:
            rule.code = status == 503 ? "ServiceUnavailable" : "InternalError";
            break;
        case FaultKind::Throttle:
            if (rule.code.empty()) rule.code = "ThrottlingException";
            break;
        case FaultKind::OverLimit:
            rule.code = "OverLimit";
            break;
        case FaultKind::AccessDenied:
            rule.code = "AccessDeniedException";
            break;
        default:
            rule.code = {};
            break;
    }
    return rule;
}

void apply(const FaultRule& rule, CallFaults& faults) {
    switch (rule.kind) {
        case FaultKind::Error:
        case FaultKind::Throttle:
        case FaultKind::OverLimit:
        case FaultKind::AccessDenied:
            faults.error_code = rule.code;
            break;
        case FaultKind::Delay:
            faults.delay_ms += rule.delay_ms;
            break;
        case FaultKind::DropBefore:
            faults.drop_before = true;
            break;
        case FaultKind::DropAfter:
            faults.drop_after = true;
            break;
        case FaultKind::FlipBit:
            faults.effects.flip_bit = true;
            break;
        case FaultKind::FailEntries:
            faults.effects.failed_entries = rule.entries;
            break;
        case FaultKind::Redeliver:
            faults.effects.redeliver = true;
            break;
    }
}

}  // namespace

Verdict Faults::add(std::string json) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (parser.parse(json).get(document) != simdjson::SUCCESS) return bad_rule("The rules are not JSON.");
    std::vector<FaultRule> added;
    simdjson::dom::array array;
    if (document.get(array) == simdjson::SUCCESS) {
        for (auto element : array) {
            auto rule = read_rule(element);
            if (!rule) return refuse(rule.error());
            added.push_back(std::move(*rule));
        }
    } else {
        auto rule = read_rule(document);
        if (!rule) return refuse(rule.error());
        added.push_back(std::move(*rule));
    }
    std::ranges::move(added, std::back_inserter(rules_));
    return {};
}

std::string Faults::to_json() const {
    std::string out = "{\"rules\":[";
    for (const auto& rule : rules_) {
        if (out.back() != '[') out += ',';
        out += "{\"operation\":";
        sqs::append_json_string(out, rule.operation);
        const auto* kind = std::ranges::find(kKinds, rule.kind, &NamedKind::kind);
        out += fmt::format(",\"fault\":\"{}\",\"times\":{},\"fraction\":{},\"fired\":{}}}", kind->name, rule.times,
                           rule.fraction, rule.fired);
    }
    out += "]}";
    return out;
}

CallFaults Faults::next(std::string_view operation) {
    CallFaults faults;
    for (auto& rule : rules_) {
        if (rule.times == 0 || (rule.operation != "*" && rule.operation != operation)) continue;
        if (rule.fraction < 1.0 && rule.random.unit() >= rule.fraction) continue;
        if (rule.times > 0) --rule.times;
        ++rule.fired;
        apply(rule, faults);
    }
    return faults;
}

}  // namespace sqs2pg::devqueue
