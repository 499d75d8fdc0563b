// Faults on demand, for tests (`sqs2pg queue --faults`): rules that make the next calls of an operation fail, stall,
// lose their connection or lie. Set with POST /_faults, seen with GET, cleared with DELETE. Pure and seeded.
//
// A rule: {"operation": "ReceiveMessage" or "*", "fault": …, "times": 3, "fraction": 0.1, "seed": 7}. Without `times`
// it holds until cleared; without `fraction` it hits every call. Faults:
//   "error" (status 500 or 503), "throttle" (code ThrottlingException or RequestThrottled), "over_limit",
//   "access_denied" "delay" (ms), "drop_before" and "drop_after" the operation is carried out "flip_bit" of a received
//   body, "fail_entries" (entries) of a batch, "redeliver" what is deleted
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "devqueue/errors.h"
#include "devqueue/identifiers.h"
#include "devqueue/service.h"

namespace sqs2pg::devqueue {

enum class FaultKind {
    Error,
    Throttle,
    OverLimit,
    AccessDenied,
    Delay,
    DropBefore,
    DropAfter,
    FlipBit,
    FailEntries,
    Redeliver,
};

struct FaultRule {
    std::string operation = "*";
    FaultKind kind = FaultKind::Error;
    std::int64_t times = -1;  // calls it still hits; -1: all
    double fraction = 1.0;
    std::uint64_t seed = 1;
    std::string_view code;  // of the error kinds
    Millis delay_ms = 0;    // up to 600,000
    int entries = 1;        // FailEntries: 1 to 10
    std::uint64_t fired = 0;
    Random random{1};
};

// What is to go wrong with one call; several rules add up.
struct CallFaults {
    std::string_view error_code;  // empty: none
    Millis delay_ms = 0;
    bool drop_before = false;
    bool drop_after = false;
    Effects effects;
};

class Faults {
   public:
    // One rule or an array of them, added behind those there are. All or none; InvalidParameterValue says what is
    // wrong.
    Verdict add(std::string json);
    void clear() { rules_.clear(); }
    // {"rules":[{"operation":…,"fault":…,"times":…,"fired":…}]}
    std::string to_json() const;

    // The faults of the next call of `operation`; counts it against the rules that hit.
    CallFaults next(std::string_view operation);
    bool empty() const noexcept { return rules_.empty(); }

   private:
    std::vector<FaultRule> rules_;
};

}  // namespace sqs2pg::devqueue
