// Attempts of a call from environment and profile, see retry_settings.h.
#include "aws/retry_settings.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "aws/shared_config.h"

namespace sqs2pg::aws {
namespace {

struct Named {
    std::string value;
    std::string from;
};

std::optional<Named> first_of(const Environment& environment, const Profile& profile, const std::string& variable,
                              const std::string& key) {
    if (auto value = environment(variable); value && !value->empty()) return Named{*value, variable};
    if (auto value = profile.setting(key); value && !value->empty()) {
        return Named{*value, fmt::format("{} of profile \"{}\"", key, profile.name)};
    }
    return std::nullopt;
}

}  // namespace

RetrySettings gather_retry_settings(const Environment& environment, const std::string& configured_profile) {
    RetrySettings settings;
    const auto profile = load_profile(environment, configured_profile);
    if (auto named = first_of(environment, profile, "AWS_MAX_ATTEMPTS", "max_attempts")) {
        int value = 0;
        const char* end_of_text = named->value.data() + named->value.size();
        auto [end, error] = std::from_chars(named->value.data(), end_of_text, value);
        if (error == std::errc{} && end == end_of_text && value >= 1 && value <= kMostAttempts) {
            settings.max_attempts = value;
            settings.from = named->from;
        } else {
            settings.mistake = fmt::format("{} must be a number from 1 to {}; calls of AWS are tried {} times",
                                           named->from, kMostAttempts, settings.max_attempts);
        }
    }
    auto mode = first_of(environment, profile, "AWS_RETRY_MODE", "retry_mode");
    if (mode && mode->value != "standard" && settings.mistake.empty()) {
        settings.mistake = mode->from + " asks for another retry mode than \"standard\", the only one here; it is used";
    }
    return settings;
}

}  // namespace sqs2pg::aws
