// The looks of a run, see run_display.h.
#include "cli/run_display.h"

#include <algorithm>

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::milliseconds kTickOfBar{200};
constexpr std::chrono::milliseconds kTickOtherwise{1000};
constexpr std::chrono::milliseconds kRateInterval{400};
constexpr std::chrono::seconds kLogWhileDraining{5};
constexpr std::chrono::seconds kLogOtherwise{60};

}  // namespace

RunDisplay::RunDisplay(boost::asio::io_context& control, const RunContext& context,
                       const std::vector<std::unique_ptr<PipelineSlot>>& runs, Terminal* terminal)
    : timer_(control), context_(context), runs_(runs), terminal_(terminal) {}

void RunDisplay::start() {
    last_line_ = std::chrono::steady_clock::now();
    tick();
}

void RunDisplay::stop() {
    stopped_ = true;
    timer_.cancel();
    if (terminal_ == nullptr) return;
    terminal_->erase();
    leave_last_bar();
}

// A short drain ends between two looks: its bar is seen at least once, and full.
void RunDisplay::leave_last_bar() {
    auto last = view();
    double seconds = 0;
    for (const auto& run : runs_) {
        if (run->exit_code() != 0) return;
        seconds = std::max(seconds, run->seconds());
    }
    if (last.done == 0 || last.done < last.total || seconds <= 0) return;
    last.total = last.done;
    last.a_second = static_cast<double>(last.done) / seconds;
    last.note.clear();
    terminal_->line(progress_line(last, Terminal::look()));
}

void RunDisplay::tick() {
    if (stopped_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_rate_ >= kRateInterval) {
        context_.board.look_at_rates();
        last_rate_ = now;
    }
    if (terminal_ != nullptr) {
        draw();
    } else if (context_.options.progress) {
        log(now);
    }
    timer_.expires_after(terminal_ != nullptr ? kTickOfBar : kTickOtherwise);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) tick();
    });
}

ProgressView RunDisplay::view() const {
    ProgressView view;
    bool known = false;
    for (const auto& run : runs_) {
        const auto done = run->outcome().figures.settled();
        const auto total = run->total();
        view.done += done;
        // More may have been done than the queue's approximate counts told.
        view.total += std::max(done, total.value_or(done));
        known = known || total.has_value();
    }
    if (!known) view.total = 0;
    view.a_second = context_.board.messages_per_second();
    for (const auto& pipeline : context_.board.view().pipelines) {
        if (pipeline.state == ops::PipelineState::Waiting) view.note = "waiting";
        if (!pipeline.figures.paused_cause.empty()) view.note = "paused";
    }
    return view;
}

void RunDisplay::draw() { terminal_->draw(progress_line(view(), Terminal::look())); }

void RunDisplay::log(std::chrono::steady_clock::time_point now) {
    if (now - last_line_ < (context_.options.drain ? kLogWhileDraining : kLogOtherwise)) return;
    last_line_ = now;
    const auto present = view();
    if (!context_.options.drain && present.done == last_logged_) return;  // an idle daemon says nothing
    last_logged_ = present.done;
    context_.telemetry.info(progress_sentence(present));
}

}  // namespace sqs2pg::cli
