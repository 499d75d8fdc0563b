// The simulated world of a FIFO queue, see sim_fifo_world.h.
#include "sim/sim_fifo_world.h"

#include <fmt/format.h>

namespace sqs2pg::sim {

namespace {

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

telemetry::LogOptions silent() {
    telemetry::LogOptions options;
    options.level = telemetry::LogLevel::Off;
    return options;
}

}  // namespace

FifoWorld::FifoWorld(std::uint64_t world_seed)
    : seed(world_seed),
      random(world_seed),
      queue(clock, random),
      database(clock, random),
      objects(clock, random),
      keyring_(privacy::Keyring::parse(kKeyFile, "keys").value()),
      sealer_(keyring_),
      telemetry_(silent()) {
    database.fifo = true;
    database.table = login_table();
    queue.weak_lock = random() % 2 == 0;
    queue.is_stored = [this](const std::string& id) { return database.ledger.contains(sent_[by_id_.at(id)].key); };
}

void FifoWorld::send_one(const std::string& group, bool bad_json, bool poison) {
    auto id = fmt::format("message-{}", sent_.size());
    auto user = poison ? std::string(SimDatabase::kPoison) : "user-" + id;
    auto body = bad_json
                    ? std::string("{\"user_id\": oops")
                    : fmt::format(R"({{"user_id":"{}","ip":"10.0.0.1","locale":null,"app_version":"2.3.0"}})", user);
    if (in_s3 > 0 && static_cast<double>(random() % 1000) < in_s3 * 1000) body = objects.put(id, std::move(body));
    auto sent_ms = queue.send(id, std::move(body), group);
    auto key = pipeline::ledger_key(kQueueIdentity, id, sent_ms);
    by_key_[key] = by_id_[id] = sent_.size();
    sent_.push_back({std::move(id), group, bad_json ? "not_json" : poison ? "check" : "", key});
}

void FifoWorld::send(std::size_t count, std::size_t groups) {
    for (std::size_t i = 0; i < count; ++i) {
        auto group = fmt::format("group-{}", random() % groups);
        auto kind = random() % 100;
        send_one(group, kind < 5, kind >= 5 && kind < 10);
    }
}

void FifoWorld::bad_days() {
    auto p = [this](double most) { return random() % 2 == 0 ? 0 : most * static_cast<double>(random() % 100) / 100.0; };
    queue.faults = {.receive_error = p(0.2),
                    .reply_lost = p(0.2),
                    .throttled = p(0.2),
                    .damaged = p(0.05),
                    .delete_call_error = p(0.2),
                    .delete_entry_error = p(0.1),
                    .extension_error = p(0.5)};
    queue.call_refused_for_a_handle = p(0.5);
    database.faults.retry = p(0.2);
    database.faults.in_doubt_committed = p(0.2);
    database.faults.in_doubt_lost = p(0.2);
    database.faults.halve = p(0.2);
    database.faults.locked = p(0.1);
    database.faults.no_suspect = p(1);
}

std::size_t FifoWorld::start(std::function<void(pipeline::WorkerOptions&)> configure) {
    pipeline::WorkerOptions options;
    options.pipeline = login_options();
    options.pipeline.bad_message = on_bad;
    if (in_s3 > 0) options.pipeline.unwrap = {pipeline::Unwrap::S3Pointer};
    options.queue_identity = std::string(kQueueIdentity);
    options.queue_name = "login-queue.fifo";
    options.fifo = true;
    options.drain = true;
    options.seed = random();
    // Sometimes a batch ends in the middle of a reply.
    options.pipeline.max_batch_rows = random() % 3 == 0 ? 3 : 50;
    options.tables = {database.table};
    if (configure) configure(options);
    auto map = pipeline::MapStage::make(options.pipeline, {&database.table, 1}, keyring_).value();
    processes.push_back(std::make_unique<Process>(std::move(options), std::move(map), sealer_, queue, database, objects,
                                                  clock, telemetry_, fmt::format("p{}", started_++)));
    return processes.size() - 1;
}

void FifoWorld::hold_or_go_on() {
    for (auto& process : processes) {
        if (!process || process->ended || random() % 3 != 0) continue;
        std::optional<pipeline::Hold> hold;
        auto cause = random() % 3;
        if (cause == 0) hold = pipeline::Hold{std::string(pipeline::kBrakeCause), "too many", "resume"};
        if (cause == 1) hold = pipeline::Hold{"operator", "told so", "resume"};
        process->worker->obey(std::move(hold));
    }
}

void FifoWorld::all_go_on() {
    for (auto& process : processes) {
        if (process && !process->ended) process->worker->obey(std::nullopt);
    }
}

bool FifoWorld::run_until(const std::function<bool()>& done) {
    constexpr int kMostSteps = 2'000'000;
    for (int step = 0; step < kMostSteps; ++step) {
        bool all_ended = true;
        for (auto& process : processes) {
            if (!process) continue;
            process->poll();
            all_ended = all_ended && process->ended;
            if (step % 32 != 0) continue;  // a copy of all figures costs more than a step
            auto now = process->events.figures();
            if (now.received != now.settled() + static_cast<std::uint64_t>(now.in_flight)) conserved_always_ = false;
        }
        if (done() || all_ended) return true;
        if (!clock.advance()) return false;
    }
    return false;
}

bool FifoWorld::run_for(Clock::Duration time) {
    auto until = clock.now() + time;
    return run_until([&] { return clock.now() >= until; });
}

bool FifoWorld::run_until_ended() {
    return run_until([] { return false; });
}

std::map<std::string, std::vector<pipeline::LedgerKey>> FifoWorld::committed() const {
    std::map<std::string, std::vector<pipeline::LedgerKey>> groups;
    for (const auto& key : database.commits) groups[sent_[by_key_.at(key)].group].push_back(key);
    return groups;
}

std::vector<std::string> FifoWorld::common_faults() const {
    std::vector<std::string> found = queue.violations;
    found.insert(found.end(), database.violations.begin(), database.violations.end());
    if (!conserved_always_) found.push_back("received = settled + in flight did not hold");
    for (const auto& [group, keys] : committed()) {
        for (std::size_t i = 1; i < keys.size(); ++i) {
            auto earlier = by_key_.at(keys[i - 1]), later = by_key_.at(keys[i]);
            if (later < earlier) {
                found.push_back(fmt::format("{}: {} committed before {}", group, sent_[earlier].id, sent_[later].id));
            }
        }
    }
    return found;
}

std::vector<std::string> FifoWorld::faults_found() const {
    auto found = common_faults();
    for (const auto& message : sent_) {
        auto rows = database.rows.count(message.key);
        auto letters = database.dead_letters.count(message.key);
        bool moved = queue.was_moved(by_id_.at(message.id));
        auto wanted = message.reason.empty() ? 1u : 0u;
        if (moved && rows + letters <= 1) continue;
        if (rows != wanted || letters != 1 - wanted) {
            found.push_back(fmt::format("{}: {} rows and {} dead letters", message.id, rows, letters));
        }
    }
    if (queue.left() > 0) found.push_back(fmt::format("{} messages are left", queue.left()));
    return found;
}

std::vector<std::string> FifoWorld::faults_found_blocked() const {
    auto found = common_faults();
    if (!database.dead_letters.empty()) found.push_back("a dead letter although bad messages block");
    std::map<std::string, bool> blocked;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        const auto& message = sent_[i];
        bool& is_blocked = blocked[message.group];
        is_blocked = is_blocked || !message.reason.empty();
        if (database.rows.count(message.key) != (is_blocked ? 0u : 1u)) {
            found.push_back(
                fmt::format("{} of {} {}", message.id, message.group, is_blocked ? "was written" : "was not written"));
        }
        if (queue.is_left(i) != is_blocked) found.push_back(fmt::format("{}: left in the queue or not", message.id));
    }
    return found;
}

}  // namespace sqs2pg::sim
