// Runs that follow each other, see pipeline_slot.h.
#include "cli/pipeline_slot.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include "cli/queue_access.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kFirstRetry{30};
constexpr std::chrono::seconds kLongestRetry{300};
constexpr std::chrono::seconds kBetweenQuestions{5};

}  // namespace

std::string QueueClaims::other(const std::string& queue, const std::string& pipeline) const {
    for (const auto& [name, claimed] : queues_) {
        if (claimed == queue && name != pipeline) return name;
    }
    return {};
}

void QueueClaims::claim(std::string queue, const std::string& pipeline) { queues_[pipeline] = std::move(queue); }

void QueueClaims::release(const std::string& pipeline) { queues_.erase(pipeline); }

PipelineSlot::PipelineSlot(const SlotHost& host, PipelineJob job)
    : host_(host),
      name_(job.settings->name),
      events_(host.context.telemetry, name_),
      board_place_(on_board(*job.settings)),
      current_(make(std::move(job))),
      retry_(host.control),
      refresh_(host.control) {}

std::size_t PipelineSlot::on_board(const config::PipelineSettings& settings) {
    return host_.context.board.add(name_, settings.queue, table_text(settings), host_.context.workers, events_);
}

std::unique_ptr<PipelineRun> PipelineSlot::make(PipelineJob job) {
    auto holder = std::make_shared<PipelineRun*>(nullptr);
    PipelineRun::Listener listener;
    listener.state = [this, holder](ops::PipelineState state, std::string cause) {
        if (*holder == current_.get()) show(state, std::move(cause));
    };
    listener.ready = [this, holder] { ready(*holder); };
    listener.ended = [this, holder] { over(*holder); };
    listener.write_pause = [doubt = host_.doubt, name = name_] { doubt(name); };
    auto& link = host_.links.of(job.settings->postgres);
    auto run = std::make_unique<PipelineRun>(host_.context, std::move(job), host_.control, link, std::move(listener));
    *holder = run.get();
    return run;
}

void PipelineSlot::show(ops::PipelineState state, std::string cause) {
    host_.context.board.set(board_place_, state, std::move(cause));
}

void PipelineSlot::start() { current_->prepare(); }

void PipelineSlot::begin(PipelineJob job) {
    seconds_before_ += current_->seconds();
    host_.context.board.describe(board_place_, job.settings->queue, table_text(*job.settings));
    current_ = make(std::move(job));
    show(ops::PipelineState::Starting, {});
    current_->prepare();
}

std::size_t PipelineSlot::fingerprint() const {
    if (pending_) return pending_->settings->fingerprint;
    return (next_ ? *next_ : *current_).settings().fingerprint;
}

bool PipelineSlot::may_ask_again() {
    const auto now = std::chrono::steady_clock::now();
    if (now - asked_ < kBetweenQuestions) return false;
    asked_ = now;
    return true;
}

void PipelineSlot::reload(PipelineJob job) {
    if (stopping_ && !removed_) return;
    retry_.cancel();
    if (removed_) {  // and back again
        removed_ = stopping_ = false;
        if (current_->ended()) board_place_ = on_board(*job.settings);
    }
    if (current_->ended()) {
        begin(std::move(job));
    } else if (!current_->launched() || current_->stopping()) {
        // Not started yet, or ending already: what comes next is the newest.
        pending_ = std::move(job);
        next_.reset();
        replacing_ = false;
        current_->stop(host_.context.options.grace);
    } else {
        refreshing_ = false;
        next_ = make(std::move(job));
        next_->prepare();
    }
}

bool PipelineSlot::claimed_by_other(PipelineRun& run) {
    const auto queue = whereabouts(run.world().endpoint, run.world().queue_url);
    const auto other = host_.claims.other(queue, name_);
    if (other.empty()) return false;
    run.refuse({ErrorKind::Configuration, Stage::Start, "queue_twice",
                fmt::format("the pipeline {} reads this queue ({}) already, and a message reaches only one of them; "
                            "give each its own queue",
                            other, queue)});
    return true;
}

void PipelineSlot::ready(PipelineRun* run) {
    if (claimed_by_other(*run)) return;
    if (run == current_.get()) return launch();
    const bool same = run->same_as(*current_);
    if (same) {
        next_.reset();
        return;
    }
    events_.restarting();
    replacing_ = true;
    current_->stop(host_.context.options.grace);
}

void PipelineSlot::launch() {
    failures_ = 0;
    host_.claims.claim(whereabouts(current_->world().endpoint, current_->world().queue_url), name_);
    current_->launch();
    read_keys_later();
}

void PipelineSlot::over(PipelineRun* run) {
    if (run == next_.get()) {
        if (const auto error = run->outcome().error) {
            const std::string what =
                refreshing_ ? "the keys were read again and are not taken, and the old ones go on: "
                            : "the new configuration of this pipeline is not taken, and the old one goes on: ";
            events_.warning(what + (error->detail.empty() ? describe(*error) : error->detail));
        }
        next_.reset();
        return;
    }
    if (run != current_.get()) return;
    host_.claims.release(name_);
    refresh_.cancel();
    if (!stopping_ && replacing_ && next_) {
        replacing_ = false;
        seconds_before_ += current_->seconds();
        const auto& settings = next_->settings();
        host_.context.board.describe(board_place_, settings.queue, table_text(settings));
        current_ = std::move(next_);
        return launch();
    }
    if (!stopping_ && pending_) {
        auto job = std::move(*pending_);
        pending_.reset();
        return begin(std::move(job));
    }
    if (removed_) host_.context.board.remove(board_place_);
    if (!stopping_ && current_->exit_code() != 0) try_again_later();
    host_.ended();
}

void PipelineSlot::try_again_later() {
    const auto& options = host_.context.options;
    if (options.drain || options.fail_fast) return;
    const auto wait = std::min<std::chrono::seconds>(kLongestRetry, kFirstRetry * (1 << std::min(failures_, 4)));
    ++failures_;
    retry_.expires_after(wait);
    retry_.async_wait([this](const boost::system::error_code& error) {
        if (error || stopping_ || !current_->ended()) return;
        std::vector<std::string> warnings;
        KeySources sources;
        auto settings = current_->shared_settings();
        auto keys = sources.open_here(settings->keys, warnings);
        begin({std::move(settings), std::move(keys), host_.context.clock.now()});
    });
}

void PipelineSlot::read_keys_later() {
    const auto& keys = current_->settings().keys;
    if (!keys.secret || host_.context.options.drain) return;
    refresh_.expires_after(std::chrono::seconds(keys.refresh_seconds));
    refresh_.async_wait([this](const boost::system::error_code& error) {
        if (!error) read_keys_again();
    });
}

// Brings the pipeline up with fresh keys beside the running one, which only other keys replace.
void PipelineSlot::read_keys_again() {
    if (stopping_ || current_->ended()) return;
    read_keys_later();
    if (current_->stopping() || next_ || pending_) return;  // on its way to something newer already
    auto settings = current_->shared_settings();
    // What another pipeline has read a moment ago will do.
    const auto since = host_.context.clock.now() - std::chrono::seconds(settings->keys.refresh_seconds) / 2;
    refreshing_ = true;
    next_ = make({std::move(settings), std::shared_ptr<const OpenKeys>(), since});
    next_->prepare();
}

void PipelineSlot::remove(Clock::Duration grace) {
    removed_ = true;
    if (current_->ended()) host_.context.board.remove(board_place_);
    stop(grace);
}

void PipelineSlot::stop(Clock::Duration grace) {
    stopping_ = true;
    retry_.cancel();
    refresh_.cancel();
    pending_.reset();
    if (next_) next_->stop(grace);
    current_->stop(grace);
}

bool PipelineSlot::alive() const { return !current_->ended() || pending_.has_value(); }

}  // namespace sqs2pg::cli
