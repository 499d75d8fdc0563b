// The brake: a mis-deploy that makes every message bad must not turn a whole queue into dead letters. It watches the
// last messages at two points of the walk and trips when too many of them are bad; what happens then is the worker's
// business (walk_state.h). Pure; one for all workers of a pipeline in a process, safe to use from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/message.h"

namespace sqs2pg::pipeline {

// Trips when at least `bad` of the last `of` messages are bad, and more than `percent` % of those seen.
struct BrakeOptions {
    bool on = true;
    std::size_t bad = 20;
    std::size_t of = 200;
    int percent = 50;
};

// Where a message is judged. Each point has a window of its own: what the worker judges bad is known before it is
// written, what the server refuses only then, and the two orders differ.
enum class JudgedAt : std::uint8_t {
    Receive,  // every message received: bad is what can never become a row
    Write,    // every message whose outcome is certain: bad is a dead letter, or what the server refused
};

class Brake {
   public:
    explicit Brake(const BrakeOptions& options = {});

    // Verdicts in the order of the messages; nullptr is a good one. A sentence that names what was seen and the most
    // frequent reason, when these verdicts made it trip; then nothing until release(), whatever is added.
    std::optional<std::string> add(JudgedAt point, std::span<const BadMessage* const> verdicts);

    // Why it has tripped, for workers that did not see it; nullopt: it has not. Cheap.
    std::optional<std::string> tripped();

    // Goes on with empty windows: what was seen before does not count again.
    void release();

   private:
    // The last messages at one point: 0 is a good one, another number a kind of bad ones (see kinds_).
    struct Window {
        std::vector<std::uint8_t> last;
        std::size_t next = 0;
        std::size_t bad = 0;
    };
    void push(Window& window, std::uint8_t kind) const;
    bool over(const Window& window) const;
    std::uint8_t kind_of(const BadMessage& bad);
    std::string sentence(const Window& window) const;

    const BrakeOptions options_;
    std::mutex mutex_;
    Window windows_[2];               // under mutex_, as all below
    std::vector<std::string> kinds_;  // "missing_field (user_id)": reasons and places, bounded
    std::string why_;
    std::atomic<bool> tripped_{false};  // changed under mutex_
};

}  // namespace sqs2pg::pipeline
