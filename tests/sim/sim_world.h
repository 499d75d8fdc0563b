// A seeded world: messages whose fate is known, a queue, a database, and workers that run, crash and start again in
// virtual time. The oracle is that of the fault table: each message is exactly one row or exactly one dead letter, none
// is deleted before its commit, the queue ends empty, and received = settled + in flight at every moment.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/worker.h"
#include "sim/sim_clock.h"
#include "sim/sim_database.h"
#include "sim/sim_objects.h"
#include "sim/sim_queue.h"

namespace sqs2pg::sim {

inline constexpr std::string_view kQueueIdentity = "000000000000/login-queue";

// "" for a row, else the dead letter's reason.
struct SentMessage {
    std::string id;
    std::string expected_reason;
    std::int64_t sent_ms = 0;
};

pipeline::PipelineOptions login_options();
pg::TableShape login_table();

class World final : public pipeline::BrakePort {
   public:
    explicit World(std::uint64_t seed);
    ~World() override;

    void send(std::size_t count);
    void send_one(std::string id, std::string body, std::string expected_reason);

    // login_options(), with pointers where some messages are.
    pipeline::PipelineOptions options() const;
    pipeline::WorkerOptions worker_options();
    // Starts one worker; `configure` may change its options first.
    void start(std::function<void(pipeline::WorkerOptions&)> configure = {}, bool in_another_process = false);
    // Runs the world until `done` or all workers have ended. False: nothing can happen any more, or too much has.
    bool run_until(const std::function<bool()>& done);
    bool run_until_ended();
    void crash_all();  // as kill -9: whatever the workers were doing is gone
    void stop_all(Clock::Duration grace);
    // As an operator does, or with nullopt ends it: the workers hear of it one by one, within three seconds, and one
    // that starts later knows it from its start.
    void tell(std::optional<pipeline::Hold> told);
    void tripped(pipeline::Hold told) override;
    bool all_ended() const;
    std::optional<Error> error_of(std::size_t worker) const;

    // What the oracle has to say; empty is good.
    std::vector<std::string> faults_found() const;
    telemetry::PipelineFigures figures() const { return events->figures(); }

    std::uint64_t seed;
    std::mt19937_64 random;
    SimClock clock;
    SimQueue queue;
    SimDatabase database;
    SimObjects objects;
    double in_s3 = 0;            // the share of messages that are sent as pointers
    bool delete_object = false;  // of them, once they are rows
    privacy::Keyring keyring;
    privacy::Sealer sealer;
    telemetry::Telemetry telemetry;
    std::unique_ptr<telemetry::PipelineEvents> events;
    std::optional<pipeline::SharedState> shared{std::in_place, pipeline::BrakeOptions{}, this};
    std::deque<pipeline::SharedState> elsewhere;
    std::optional<pipeline::Hold> held;
    int trips = 0;
    std::vector<SentMessage> sent;
    bool conserved_always = true;

   private:
    struct Running {
        std::unique_ptr<pipeline::Worker> worker;
        bool ended = false;
        std::optional<Error> error;
    };
    void release_brakes();
    boost::asio::awaitable<void> hear(std::size_t index, Clock::Duration after);
    void ended(std::size_t index, std::exception_ptr thrown, Status status);

    std::unique_ptr<boost::asio::io_context> loop_;
    std::vector<Running> running_;
    std::map<std::string, pipeline::LedgerKey> keys_;
};

}  // namespace sqs2pg::sim
