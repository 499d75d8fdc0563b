// A bucket as a simulation: objects that are slow, refused, denied or lost, all drawn from one seed. An object's key is
// the id of the message that points at it.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "pipeline/ports.h"
#include "sim/sim_clock.h"

namespace sqs2pg::sim {

struct ObjectFaults {
    double retry = 0;
    double throttled = 0;
    bool denied = false;
};

class SimObjects final : public pipeline::ObjectPort {
   public:
    SimObjects(SimClock& clock, std::mt19937_64& random) : clock_(clock), random_(random) {}

    // The body of the message that points at it.
    std::string put(const std::string& id, std::string body) {
        stored[id] = std::move(body);
        return R"(["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"bodies","s3Key":")" + id +
               "\"}]";
    }

    awaitable<Result<std::string>> fetch(pipeline::ObjectRef object, std::size_t most_bytes) override {
        ++fetches;
        const Sharing share(asked_bytes_, most_bytes);
        most_asked_bytes = std::max(most_asked_bytes, asked_bytes_);
        co_await clock_.sleep_for(std::chrono::milliseconds(random_() % slowness_ms));
        if (faults.denied) co_return fail(ErrorKind::Configuration, Stage::Receive, "AccessDenied", "denied");
        if (chance(faults.throttled)) co_return fail(ErrorKind::Throttled, Stage::Receive, "SlowDown", "slow down");
        if (chance(faults.retry)) co_return fail(ErrorKind::Retry, Stage::Receive, "http_503", "503");
        auto found = stored.find(object.key);
        if (found == stored.end()) co_return fail(ErrorKind::BadMessage, Stage::Receive, "NoSuchKey", "absent");
        if (found->second.size() > most_bytes) {
            co_return fail(ErrorKind::BadMessage, Stage::Receive, std::string(pipeline::kObjectTooLarge), "too large");
        }
        co_return found->second;
    }

    awaitable<Status> remove(pipeline::ObjectRef object) override {
        co_await clock_.sleep_for(std::chrono::milliseconds(random_() % slowness_ms));
        if (chance(faults.retry)) co_return fail(ErrorKind::Retry, Stage::Settle, "http_503", "503");
        if (!may_remove || !may_remove(object.key)) violations.push_back(object.key + ": its object was deleted");
        stored.erase(object.key);
        co_return Status{};
    }

    std::function<bool(const std::string& id)> may_remove;  // the oracle
    ObjectFaults faults;
    std::map<std::string, std::string> stored;
    std::vector<std::string> violations;
    std::uint64_t slowness_ms = 150;
    std::uint64_t fetches = 0;
    std::size_t most_asked_bytes = 0;  // of fetches that ran at once

   private:
    // Also when the coroutine is destroyed in the middle.
    struct Sharing {
        Sharing(std::size_t& sum, std::size_t part) : sum_(sum), part_(part) { sum_ += part_; }
        ~Sharing() { sum_ -= part_; }
        Sharing(const Sharing&) = delete;
        Sharing& operator=(const Sharing&) = delete;

       private:
        std::size_t& sum_;
        std::size_t part_;
    };

    bool chance(double probability) {
        return probability > 0 && static_cast<double>(random_() % 10'000) < probability * 10'000;
    }

    SimClock& clock_;
    std::mt19937_64& random_;
    std::size_t asked_bytes_ = 0;
};

}  // namespace sqs2pg::sim
