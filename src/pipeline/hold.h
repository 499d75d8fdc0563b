// What stands above the walk: a pipeline that somebody, or the brake, has told to hold still. The decision is kept in
// the database and obeyed by every process; how it travels is not the pipeline's business.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg::pipeline {

// The brake's cause. Its holds keep bad messages in the queue, where other holds let them become dead letters.
inline constexpr std::string_view kBrakeCause = "brake";

// Why a pipeline holds still. It receives nothing until it is told to go on.
struct Hold {
    std::string cause;       // "operator", "brake"
    std::string detail;      // one sentence, free of message values
    std::string how_to_end;  // the exact command

    bool keeps_bad_messages() const noexcept { return cause == kBrakeCause; }
    friend bool operator==(const Hold&, const Hold&) = default;
};

// Where a worker that saw the brake trip tells it, so that all others hold too. Called from the workers' threads, once
// an episode; returns at once.
class BrakePort {
   public:
    virtual ~BrakePort() = default;
    virtual void tripped(Hold hold) = 0;
};

}  // namespace sqs2pg::pipeline
