// What the stages of one worker share: the ports, the messages in hand, the rows that wait, and where the worker stands
// between running and ended. One thread; the stages take turns at their co_awaits.
#pragma once

#include <deque>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/retry.h"
#include "pipeline/appetite.h"
#include "pipeline/brake.h"
#include "pipeline/fetch_line.h"
#include "pipeline/hold.h"
#include "pipeline/inflight.h"
#include "pipeline/notifier.h"
#include "pipeline/ports.h"
#include "pipeline/worker.h"

namespace sqs2pg::pipeline {

struct WalkState {
    WalkState(const WorkerOptions& worker_options, QueuePort& queue_port, DatabasePort& database_port,
              ObjectPort* object_port, Clock& worker_clock, telemetry::PipelineEvents& pipeline_events,
              SharedState& shared_state)
        : options(worker_options),
          queue(queue_port),
          database(database_port),
          objects(object_port),
          clock(worker_clock),
          events(pipeline_events),
          shared(shared_state),
          random(worker_options.seed) {}

    const WorkerOptions& options;
    QueuePort& queue;
    DatabasePort& database;
    ObjectPort* objects;  // null: no message is a pointer
    Clock& clock;
    telemetry::PipelineEvents& events;
    SharedState& shared;

    Inflight inflight;
    FetchLine line;              // what waits for its object, and then goes to `gathered`
    std::deque<Held*> gathered;  // what waits for the next transaction
    Notifier changed;            // any of the fields below, or `gathered`, or room for more: often, under load
    Notifier enough;             // as many gathered as are worth a transaction, or no more can come
    Notifier turned;             // stopping, give_up, finished or a pause changed: rare
    std::mt19937_64 random;

    int polls_running = 0;
    std::optional<Appetite> appetite = Appetite::More;  // taken by the next full reply
    bool writing = false;
    bool stopping = false;               // no new polls; what is held is written
    bool give_up = false;                // …no longer: what is left is released
    bool finished = false;               // nothing is held any more: the loops end
    std::optional<Error> write_pause;    // the database side refuses until somebody changes something
    std::optional<Error> delete_pause;   // deletes are denied
    std::optional<Error> receive_pause;  // receives are denied, or the queue is gone
    std::optional<Error> fetch_pause;    // objects are denied
    std::optional<Error> message_pause;  // a message came that can be neither written nor dead-lettered
    std::optional<Error> fatal;          // what ends run() with an error
    std::optional<Hold> hold;            // somebody, or the brake, told the pipeline to hold still
    Clock::Steady held_since{};
    std::uint64_t turns = 0;  // changes of hold and of give_up: a backoff ends early

    bool paused() const noexcept { return write_pause || delete_pause || fetch_pause || message_pause; }
    bool receives() const noexcept { return !paused() && !hold; }

    void begin_to_stop();
    void begin_to_give_up();  // implies stopping
    void finish_all();        // the loops end

    // Messages were added to `gathered`, or might have been.
    void more_gathered();

    // Counts the outcome, lets go of the messages and wakes whoever waits for room. `cause` is for Abandoned only.
    void finish(std::span<Held* const> done, Outcome outcome, std::string_view cause = {});

    // Says the pause once an episode; ends the run instead where that was asked for.
    void pause(std::optional<Error>& slot, const Error& error, std::string_view how_to_end);
    void resume(std::optional<Error>& slot);

    // See Worker::obey.
    void obey(std::optional<Hold> told);
    // Counts verdicts for the brake. When it trips, this worker holds at once and the others are told.
    void judge(JudgedAt point, std::span<const BadMessage* const> verdicts);
    // Holds when another worker of this process has seen the brake trip.
    void heed_brake();
    // The end of run(): what this worker was paused for is no longer said.
    void forget_pauses();

    // "sqs2pg VERB -c FILE", with a pipeline's name where the verb takes one.
    std::string command(std::string_view verb) const;
    std::string pipeline_command(std::string_view verb) const;

    // Waits out a backoff; returns early when the worker begins to stop or to give up, or is told to hold or go on.
    awaitable<void> back_off(Clock::Duration delay);
    Clock::Duration jittered(const Backoff& backoff, int attempt) { return backoff.delay(attempt, random); }
};

}  // namespace sqs2pg::pipeline
