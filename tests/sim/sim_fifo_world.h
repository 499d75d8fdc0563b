// A FIFO queue, a database and processes that are killed, stopped and started again. The oracle is that of sim_world.h,
// and one more thing: within each group, rows and dead letters are committed in the order in which they were sent.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/sim_fifo_queue.h"
#include "sim/sim_process.h"
#include "sim/sim_world.h"

namespace sqs2pg::sim {

class FifoWorld {
   public:
    explicit FifoWorld(std::uint64_t seed);
    ~FifoWorld() { processes.clear(); }

    // Each into a random one of `groups` groups; one in ten or so is bad.
    void send(std::size_t count, std::size_t groups);
    void send_one(const std::string& group, bool bad_json, bool poison);
    void bad_days();

    std::size_t start(std::function<void(pipeline::WorkerOptions&)> configure = {});
    void kill(std::size_t process) { processes[process].reset(); }
    void kill_all() { processes.clear(); }
    // Some of the processes are told to hold still, by the brake or by somebody, others to go on.
    void hold_or_go_on();
    void all_go_on();
    bool run_until(const std::function<bool()>& done);
    bool run_for(Clock::Duration time);
    bool run_until_ended();

    // What the oracle has to say; empty is good.
    std::vector<std::string> faults_found() const;          // everything is there, in order
    std::vector<std::string> faults_found_blocked() const;  // each group up to its first bad message, and no further

    pipeline::OnBadMessage on_bad = pipeline::OnBadMessage::Skip;
    std::uint64_t seed;
    std::mt19937_64 random;
    SimClock clock;
    SimFifoQueue queue;
    SimDatabase database;
    SimObjects objects;
    double in_s3 = 0;  // the share of messages that are sent as pointers
    std::vector<std::unique_ptr<Process>> processes;

   private:
    struct Sent {
        std::string id, group, reason;
        pipeline::LedgerKey key;
    };
    std::vector<std::string> common_faults() const;
    std::map<std::string, std::vector<pipeline::LedgerKey>> committed() const;

    privacy::Keyring keyring_;
    privacy::Sealer sealer_;
    telemetry::Telemetry telemetry_;
    std::vector<Sent> sent_;
    std::map<pipeline::LedgerKey, std::size_t> by_key_;
    std::map<std::string, std::size_t> by_id_;
    std::size_t started_ = 0;
    bool conserved_always_ = true;
};

}  // namespace sqs2pg::sim
