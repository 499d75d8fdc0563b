// `sqs2pg send`: JSON lines, or generated logins, into a queue.
#include <chrono>
#include <csignal>
#include <memory>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "cli/commands.h"
#include "cli/json_object.h"
#include "cli/progress.h"
#include "cli/queue_access.h"
#include "cli/sender.h"
#include "cli/signals.h"
#include "cli/terminal.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string queue;
    std::string file = "-";
    std::string generate;
    std::uint64_t count = 1000;
    LoginOptions logins;
    double rate = 0;
    bool create = false;
    config::AwsSettings aws;
    std::string format = "text";
};

constexpr std::uint64_t kMostNamedLines = 20;

class SendCommand {
   public:
    explicit SendCommand(Arguments arguments) : arguments_(std::move(arguments)) {}

    int run() {
        auto source = arguments_.generate.empty() ? open_lines(arguments_.file)
                                                  : generated_logins(arguments_.count, arguments_.logins);
        if (!source) return tell(source.error());
        source_ = std::move(*source);
        auto endpoint = endpoint_of(arguments_.aws, arguments_.queue);
        if (!endpoint) return tell(endpoint.error());
        overridden_ = endpoint->overridden;
        std::signal(SIGPIPE, SIG_IGN);
        QueueAccess access(loop_.get_executor(), arguments_.aws, *endpoint, clock_);
        Signals signals(loop_.get_executor(), [this](int) { stopping_ = true; }, {});
        boost::asio::co_spawn(loop_, send(access, signals), boost::asio::detached);
        loop_.run();
        return exit_code_;
    }

   private:
    // Both references outlive the loop.
    awaitable<void> send(QueueAccess& access, Signals& signals) {
        auto looking = queue_url_of(access.client, arguments_.queue, arguments_.create);
        auto url = co_await std::move(looking);
        if (url) {
            const auto begun = std::chrono::steady_clock::now();
            auto sending = send_all(access.client, *url, *source_, clock_, sender_options(begun));
            auto report = co_await std::move(sending);
            terminal_.erase();
            exit_code_ = sum_up(report, std::chrono::steady_clock::now() - begun);
        } else {
            exit_code_ = tell(url.error());
        }
        access.http.close();
        signals.close();
    }

    SenderOptions sender_options(std::chrono::steady_clock::time_point begun) {
        SenderOptions options;
        options.a_second = arguments_.rate;
        options.refused = [this](std::uint64_t line, std::string_view why) { refused(line, why); };
        options.stop = [this] { return stopping_; };
        if (Terminal::can_redraw()) {
            options.progress = [this, begun](std::uint64_t sent) { draw(sent, begun); };
        }
        return options;
    }

    void refused(std::uint64_t line, std::string_view why) {
        ++refused_;
        const auto what = arguments_.generate.empty() ? "line" : "message";
        if (refused_ <= kMostNamedLines) terminal_.line(fmt::format("sqs2pg send: {} {} {}", what, line, why));
        if (refused_ == kMostNamedLines + 1) terminal_.line("sqs2pg send: more such lines are counted, not named");
    }

    void draw(std::uint64_t sent, std::chrono::steady_clock::time_point begun) {
        const auto now = std::chrono::steady_clock::now();
        if (now - drawn_ < std::chrono::milliseconds(100)) return;
        drawn_ = now;
        ProgressView view;
        view.done = sent;
        view.total = source_->total().value_or(0);
        view.elapsed_seconds = std::chrono::duration<double>(now - begun).count();
        view.a_second = view.elapsed_seconds > 0 ? static_cast<double>(sent) / view.elapsed_seconds : 0;
        terminal_.draw(progress_line(view, Terminal::look()));
    }

    int sum_up(const SendReport& report, std::chrono::steady_clock::duration time) {
        const auto seconds = std::max(0.001, std::chrono::duration<double>(time).count());
        const auto taken = seconds < 10 ? fmt::format("{:.2f} s", seconds) : duration_text(seconds);
        auto line = fmt::format("sent {} message{} in {} ({}/s)", grouped(report.sent), report.sent == 1 ? "" : "s",
                                taken, grouped(static_cast<std::uint64_t>(static_cast<double>(report.sent) / seconds)));
        if (report.refused > 0) line += fmt::format(", {} not sent", grouped(report.refused));
        if (arguments_.format == "json") {
            fmt::print("{}\n", JsonObject()
                                   .text("queue", arguments_.queue)
                                   .number("sent", report.sent)
                                   .number("not_sent", report.refused)
                                   .number("seconds", seconds, 3)
                                   .number("messages_per_second", static_cast<double>(report.sent) / seconds, 1)
                                   .flag("complete", !report.stopped_by && source_->complete() && !stopping_)
                                   .done());
        } else {
            fmt::print(stderr, "{}\n", line);
        }
        if (report.stopped_by) return tell(*report.stopped_by);
        if (!source_->complete()) {
            fmt::print(stderr, "sqs2pg send: reading {} failed before its end\n", arguments_.file);
            return kFailed;
        }
        if (stopping_) {
            fmt::print(stderr, "sqs2pg send: stopped before the end of the input\n");
            return kFailed;
        }
        return report.refused > 0 ? kFailed : kDone;
    }

    int tell(const Error& error) {
        auto detail = error.detail;
        if (error.code == "QueueDoesNotExist" && !is_url(arguments_.queue)) {
            detail = fmt::format("the queue \"{}\" does not exist; --create makes it", arguments_.queue);
        }
        fmt::print(stderr, "sqs2pg send: {}\n", detail.empty() ? error.code : detail);
        if (error.kind == ErrorKind::Credentials && overridden_) {
            fmt::print(stderr,
                       "The endpoint is not AWS's own; an emulator takes any credentials: "
                       "AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x sqs2pg send …\n");
        }
        bool setting = error.kind == ErrorKind::Configuration || error.kind == ErrorKind::Credentials;
        return setting ? kUsage : kFailed;
    }

    Arguments arguments_;
    boost::asio::io_context loop_{1};
    SystemClock clock_;
    Terminal terminal_;
    std::unique_ptr<MessageSource> source_;
    std::chrono::steady_clock::time_point drawn_{};
    std::uint64_t refused_ = 0;
    bool overridden_ = false;
    bool stopping_ = false;
    int exit_code_ = kFailed;
};

}  // namespace

void add_send(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("send", "Send JSON lines, or generated messages, to a queue");
    command->add_option("--queue", arguments->queue, "Name or URL of the queue")->required();
    command->add_flag("--create", arguments->create, "Make the queue when it does not exist");
    auto* file = command->add_option("FILE", arguments->file, "One message a line; - is standard input (the default)");
    auto* generate = command->add_option("--generate", arguments->generate, "Make messages up instead of reading them")
                         ->check(CLI::IsMember({"logins"}))
                         ->excludes(file);
    command->add_option("--count", arguments->count, "How many to generate")->needs(generate)->capture_default_str();
    command->add_option("--seed", arguments->logins.seed, "The same seed generates the same messages")
        ->needs(generate)
        ->capture_default_str();
    command->add_option("--malformed", arguments->logins.malformed, "Fraction of messages that cannot become rows")
        ->needs(generate)
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--rate", arguments->rate, "Messages a second (default: as fast as the queue takes them)")
        ->check(CLI::Range(0.01, 1e6));
    command->add_option("--endpoint-url", arguments->aws.endpoint_url, "Where SQS is, instead of AWS");
    command->add_option("--region", arguments->aws.region, "AWS region");
    command->add_option("--profile", arguments->aws.profile, "Profile of the shared AWS configuration");
    command->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([&exit_code, arguments] { exit_code = SendCommand(*arguments).run(); });
}

}  // namespace sqs2pg::cli
