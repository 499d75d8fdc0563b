// Starting, reloading and ending of all pipelines, see process_run.h.
#include "cli/process_run.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include "cli/commands.h"

namespace sqs2pg::cli {

namespace {

// After the grace, for threads to come back from their last requests.
constexpr std::chrono::seconds kBeyondGrace{10};

}  // namespace

ProcessRun::ProcessRun(const RunContext& context, const config::Settings& settings, Terminal* terminal)
    : context_(context),
      settings_(settings),
      deadline_(control_),
      links_(control_, context),
      display_(control_, context, slots_, terminal) {}

RunOutcome ProcessRun::run() {
    for (auto& job : jobs_of(settings_)) add(std::move(job));
    Status opened = open_ops();
    if (!opened) {
        context_.telemetry.failure(opened.error());
        return {kFailed, 0, 0, {}};
    }
    if (context_.options.handle_signals) {
        std::function<void()> on_reload;
        if (context_.options.reload && !context_.options.drain) on_reload = [this] { reload(); };
        signals_.emplace(
            control_.get_executor(), [this](int number) { stop(number); }, context_.options.before_abrupt_end,
            std::move(on_reload));
    }
    for (auto& slot : slots_) slot->start();
    display_.start();
    control_.run();
    return outcome();
}

std::vector<PipelineJob> ProcessRun::jobs_of(const config::Settings& settings) {
    KeySources sources;
    std::vector<std::string> warnings;
    std::vector<PipelineJob> jobs;
    const auto now = context_.clock.now();
    for (const auto& pipeline : settings.pipelines) {
        auto keys = sources.open_here(pipeline.keys, warnings);
        jobs.push_back({std::make_shared<const config::PipelineSettings>(pipeline), std::move(keys), now});
    }
    for (const auto& warning : warnings) context_.telemetry.warning(warning);
    return jobs;
}

void ProcessRun::add(PipelineJob job) {
    const SlotHost host{
        context_,
        control_,
        claims_,
        links_,
        [this] { one_ended(); },
        [this](const std::string& name) { boost::asio::post(control_, [this, name] { reload_one(name); }); }};
    slots_.push_back(std::make_unique<PipelineSlot>(host, std::move(job)));
}

PipelineSlot* ProcessRun::find(std::string_view name) const {
    const auto found = std::ranges::find_if(slots_, [name](const auto& slot) { return slot->name() == name; });
    return found == slots_.end() ? nullptr : found->get();
}

Status ProcessRun::open_ops() {
    const auto& text = context_.options.ops.value_or(settings_.ops.listen);
    auto address = ops::parse_listen(text);
    if (!address) return fail(address.error());
    if (!*address) return {};
    auto server = ops::Server::start(
        **address, {[this] { return context_.board.view(); }, [this] { return context_.telemetry.prometheus_text(); }});
    if (!server) return fail(server.error());
    ops_ = std::move(*server);
    context_.telemetry.info("the ops port listens on http://" + (*address)->host + ":" + std::to_string(ops_->port()));
    return {};
}

void ProcessRun::one_ended() {
    const bool failed =
        std::ranges::any_of(slots_, [](const auto& slot) { return !slot->removed() && slot->exit_code() != kDone; });
    if (failed && context_.options.fail_fast) {
        for (auto& slot : slots_) slot->stop(context_.options.grace);
    }
    if (std::ranges::any_of(slots_, [](const auto& slot) { return slot->alive(); })) return;
    for (auto& slot : slots_) slot->stop(context_.options.grace);  // nothing but a failed one's next try is left
    stopping_ = true;
    deadline_.cancel();
    links_.stop();
    display_.stop();
    if (signals_) signals_->close();
}

void ProcessRun::reload() {
    if (stopping_) return;
    const auto loaded = context_.options.reload();
    for (const auto& warning : loaded.warnings) context_.telemetry.warning(warning.place + ": " + warning.sentence);
    for (const auto& mistake : loaded.mistakes) {
        context_.telemetry.failure(
            {ErrorKind::Configuration, Stage::Configure, "reload", mistake.place + ": " + mistake.sentence});
    }
    if (!loaded.mistakes.empty()) {
        context_.telemetry.warning(
            fmt::format("the configuration was not read again: it has {} {}; the old one goes on",
                        loaded.mistakes.size(), loaded.mistakes.size() == 1 ? "mistake" : "mistakes"));
        return;
    }
    if (loaded.settings.fingerprint != settings_.fingerprint) {
        context_.telemetry.warning(
            "`ops`, `log`, `dead_letters` and `max_connections` were changed: that takes effect at the next start");
    }
    take(loaded.settings);
}

void ProcessRun::take(const config::Settings& settings) {
    std::size_t added = 0, removed = 0, changed = 0;
    for (auto& slot : slots_) {
        const bool named = std::ranges::any_of(settings.pipelines,
                                               [&slot](const auto& pipeline) { return pipeline.name == slot->name(); });
        if (named || slot->removed()) continue;
        ++removed;
        slot->remove(context_.options.grace);
    }
    for (auto& job : jobs_of(settings)) {
        auto* slot = find(job.settings->name);
        if (slot == nullptr) {
            add(std::move(job));
            slots_.back()->start();
            ++added;
            continue;
        }
        if (slot->removed()) ++added;
        if (!slot->removed() && slot->fingerprint() != job.settings->fingerprint) ++changed;
        slot->reload(std::move(job));
    }
    context_.telemetry.info(
        fmt::format("the configuration was read again: {} pipelines, {} added, {} removed, {} changed; keys and tables "
                    "are looked at",
                    settings.pipelines.size(), added, removed, changed));
}

// A write waits for somebody: perhaps somebody has changed table and configuration together. Nothing is said of a
// configuration that is not ready yet, and no other pipeline is touched.
void ProcessRun::reload_one(const std::string& name) {
    auto* slot = find(name);
    const bool wanted = !stopping_ && context_.options.reload && !context_.options.drain && !context_.options.fail_fast;
    if (!wanted || slot == nullptr || slot->removed() || !slot->may_ask_again()) return;
    const auto loaded = context_.options.reload();
    if (!loaded.mistakes.empty()) return;
    config::Settings only;
    for (const auto& pipeline : loaded.settings.pipelines) {
        if (pipeline.name == name && pipeline.fingerprint != slot->fingerprint()) only.pipelines.push_back(pipeline);
    }
    for (auto& job : jobs_of(only)) slot->reload(std::move(job));
}

void ProcessRun::stop(int signal) {
    signal_ = signal;
    stopping_ = true;
    context_.telemetry.process_stopping(signal_name(signal));
    context_.board.stopping();
    deadline_.expires_after(context_.options.grace + kBeyondGrace);
    deadline_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        context_.telemetry.failure({ErrorKind::Stopping, Stage::Settle, "grace_exceeded",
                                    "the orderly end took longer than its grace: ending at once; what was not "
                                    "deleted is delivered again and the ledger keeps it from being written twice"});
        if (context_.options.before_abrupt_end) context_.options.before_abrupt_end();
        end_at_once(kFailed);
    });
    for (auto& slot : slots_) slot->stop(context_.options.grace);
    one_ended();
}

RunOutcome ProcessRun::outcome() const {
    RunOutcome made;
    made.signal = signal_;
    for (const auto& slot : slots_) {
        made.pipelines.push_back(slot->outcome());
        made.seconds = std::max(made.seconds, slot->seconds());
        if (!slot->removed()) made.exit_code = std::max(made.exit_code, slot->exit_code());
    }
    return made;
}

}  // namespace sqs2pg::cli
