// The simulated world, see sim_world.h.
#include "sim/sim_world.h"

#include <fmt/format.h>
#include <boost/asio/detached.hpp>

namespace sqs2pg::sim {

namespace {

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

pipeline::ColumnRule rule(std::string column, std::string_view from) {
    pipeline::ColumnRule rule;
    rule.column = std::move(column);
    rule.from = pipeline::parse_source(from).value();
    return rule;
}

pg::Column column(std::string name, pg::TypeClass type, std::int32_t length) {
    pg::Column column;
    column.name = std::move(name);
    column.type = type;
    column.type_name = length > 0 ? fmt::format("character varying({})", length) : "integer";
    column.max_length = length;
    return column;
}

telemetry::LogOptions silent() {
    telemetry::LogOptions options;
    options.level = telemetry::LogLevel::Off;
    return options;
}

}  // namespace

pipeline::PipelineOptions login_options() {
    pipeline::PipelineOptions options;
    options.name = "logins";
    options.queue = "login-queue";
    auto& route = options.routes.emplace_back();
    route.table = {"public", "user_logins"};
    route.columns = {rule("user_id", "user_id"), rule("masked_ip", "ip"), rule("locale", "locale"),
                     rule("app_version", "app_version")};
    route.columns[1].mask = privacy::MaskOptions{privacy::Method::Hmac, "ip", privacy::Canonical::Ip};
    route.columns[3].convert = pipeline::Convert::MajorVersion;
    options.max_batch_rows = 50;
    options.max_in_flight = 200;
    options.max_polls = 8;
    options.visibility_timeout_seconds = 30;
    return options;
}

pg::TableShape login_table() {
    pg::TableShape table;
    table.name = {"public", "user_logins"};
    table.columns = {column("user_id", pg::TypeClass::Varchar, 128), column("masked_ip", pg::TypeClass::Varchar, 256),
                     column("locale", pg::TypeClass::Varchar, 32), column("app_version", pg::TypeClass::Int4, 0)};
    return table;
}

World::World(std::uint64_t world_seed)
    : seed(world_seed),
      random(world_seed),
      queue(clock, random),
      database(clock, random),
      objects(clock, random),
      keyring(privacy::Keyring::parse(kKeyFile, "keys").value()),
      sealer(keyring),
      telemetry(silent()),
      events(std::make_unique<telemetry::PipelineEvents>(telemetry, "logins")),
      loop_(std::make_unique<boost::asio::io_context>(1)) {
    database.table = login_table();
    queue.is_stored = [this](const std::string& id) { return database.ledger.contains(keys_.at(id)); };
    objects.may_remove = [this](const std::string& id) {
        return delete_object && database.rows.contains(keys_.at(id));
    };
}

World::~World() { crash_all(); }

void World::send_one(std::string id, std::string body, std::string expected_reason) {
    const bool pointer = in_s3 > 0 && static_cast<double>(random() % 1000) < in_s3 * 1000;
    queue.send(id, pointer ? objects.put(id, std::move(body)) : std::move(body));
    auto sent_ms = queue.sent_ms_of_last();
    keys_[id] = pipeline::ledger_key(kQueueIdentity, id, sent_ms);
    sent.push_back({std::move(id), std::move(expected_reason), sent_ms});
}

void World::send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        auto id = fmt::format("message-{}", sent.size());
        auto kind = random() % 100;
        auto ip = fmt::format("10.0.{}.{}", random() % 4, random() % 8);
        auto login = [&](std::string_view user, std::string_view version) {
            return fmt::format(R"({{"user_id":"{}","ip":"{}","locale":null,"app_version":{}}})", user, ip, version);
        };
        if (kind < 3) {
            send_one(id, "{\"user_id\": oops", "not_json");
        } else if (kind < 6) {
            send_one(id, R"({"foo":"bar"})", "missing_field");
        } else if (kind < 8) {
            send_one(id, login("u", "true"), "wrong_type");
        } else if (kind < 11) {
            send_one(id, login(std::string(SimDatabase::kPoison), "\"2.3.0\""), "check");
        } else {
            send_one(id, login("user-" + id, "\"2.3.0\""), "");
        }
    }
}

pipeline::PipelineOptions World::options() const {
    auto options = login_options();
    if (in_s3 > 0) options.unwrap = {pipeline::Unwrap::S3Pointer};
    options.objects.delete_object = delete_object;
    return options;
}

pipeline::WorkerOptions World::worker_options() {
    pipeline::WorkerOptions options;
    options.pipeline = this->options();
    options.queue_identity = std::string(kQueueIdentity);
    options.queue_name = "login-queue";
    options.drain = true;
    options.seed = random();
    options.tables = {database.table};
    options.make_map = [this](const std::vector<pg::TableShape>& tables) {
        return pipeline::MapStage::make(this->options(), tables, keyring);
    };
    return options;
}

void World::start(std::function<void(pipeline::WorkerOptions&)> configure, bool in_another_process) {
    auto options = worker_options();
    options.hold = held;
    if (configure) configure(options);
    auto map = pipeline::MapStage::make(options.pipeline, {&database.table, 1}, keyring).value();
    if (in_another_process) elsewhere.emplace_back(pipeline::BrakeOptions{}, this);
    auto& process = in_another_process ? elsewhere.back() : *shared;
    database.write_to(map.targets());
    auto index = running_.size();
    running_.push_back(Running{});
    running_.back().worker =
        std::make_unique<pipeline::Worker>(std::move(options), std::move(map), sealer, queue, database, clock, *events,
                                           process, in_s3 > 0 ? &objects : nullptr);
    auto run = running_.back().worker->run();
    boost::asio::co_spawn(*loop_, std::move(run), [this, index](std::exception_ptr thrown, Status status) {
        ended(index, thrown, std::move(status));
    });
}

void World::ended(std::size_t index, std::exception_ptr thrown, Status status) {
    if (thrown) std::rethrow_exception(thrown);
    running_[index].ended = true;
    if (!status) running_[index].error = status.error();
}

bool World::all_ended() const {
    for (const auto& one : running_) {
        if (!one.ended) return false;
    }
    return true;
}

std::optional<Error> World::error_of(std::size_t worker) const { return running_.at(worker).error; }

bool World::run_until(const std::function<bool()>& done) {
    constexpr int kMostSteps = 2'000'000;
    for (int step = 0; step < kMostSteps; ++step) {
        loop_->restart();
        loop_->poll();
        auto now = events->figures();
        if (now.received != now.settled() + static_cast<std::uint64_t>(now.in_flight)) conserved_always = false;
        if (done() || all_ended()) return true;
        if (!clock.advance()) return false;
    }
    return false;
}

bool World::run_until_ended() {
    return run_until([] { return false; });
}

void World::crash_all() {
    clock.forget_sleepers();
    running_.clear();
    loop_ = std::make_unique<boost::asio::io_context>(1);
    shared->busy = false;
    release_brakes();
    events.reset();
    events = std::make_unique<telemetry::PipelineEvents>(telemetry, fmt::format("logins-{}", random()));
}

boost::asio::awaitable<void> World::hear(std::size_t index, Clock::Duration after) {
    co_await clock.sleep_for(after);
    if (!running_[index].ended) running_[index].worker->obey(held);
}

void World::release_brakes() {
    shared->brake.release();
    for (auto& process : elsewhere) process.brake.release();
}

void World::tell(std::optional<pipeline::Hold> told) {
    held = std::move(told);
    if (!held) release_brakes();
    for (std::size_t i = 0; i < running_.size(); ++i) {
        boost::asio::co_spawn(*loop_, hear(i, std::chrono::milliseconds(random() % 3000)), boost::asio::detached);
    }
}

void World::tripped(pipeline::Hold told) {
    ++trips;
    tell(std::move(told));
}

void World::stop_all(Clock::Duration grace) {
    for (auto& one : running_) {
        if (!one.ended) one.worker->stop(grace);
    }
}

std::vector<std::string> World::faults_found() const {
    std::vector<std::string> found = queue.violations;
    found.insert(found.end(), database.violations.begin(), database.violations.end());
    found.insert(found.end(), objects.violations.begin(), objects.violations.end());
    if (!conserved_always) found.push_back("received = settled + in flight did not hold");
    for (const auto& message : sent) {
        auto key = keys_.at(message.id);
        auto rows = database.rows.count(key);
        auto letters = database.dead_letters.count(key);
        auto wanted_rows = message.expected_reason.empty() ? 1u : 0u;
        if (rows != wanted_rows || letters != 1u - wanted_rows) {
            found.push_back(fmt::format("{}: {} rows and {} dead letters", message.id, rows, letters));
        } else if (letters == 1 && database.dead_letters.find(key)->second.reason != message.expected_reason) {
            found.push_back(fmt::format("{}: {} instead of {}", message.id,
                                        database.dead_letters.find(key)->second.reason, message.expected_reason));
        }
    }
    return found;
}

}  // namespace sqs2pg::sim
