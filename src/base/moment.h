// The times that users write (`--since`, `sent_at`): a date, a date with a time, or how long ago. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sqs2pg {

struct Moment {
    bool ago = false;     // before now
    std::int64_t ms = 0;  // how long, or since 1970

    std::int64_t at(std::int64_t now_ms) const { return ago ? now_ms - ms : ms; }
};

// `45s`, `30m`, `2h`, `7d`, `1w`; `2026-11-24`, `2026-11-24T10:00`, `2026-11-24 10:00:00.123Z`, `…+01:00`. Without a
// zone it is UTC. nullopt: none of these.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace sqs2pg
