// `sqs2pg demo`: the login pipeline from end to end, with a queue and a database of its own, and nothing left
// afterwards.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "cli/assembly.h"
#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/demo_database.h"
#include "cli/demo_postgres.h"
#include "cli/embedded_queue.h"
#include "cli/progress.h"
#include "cli/queue_access.h"
#include "cli/sender.h"
#include "cli/signals.h"
#include "config/load.h"
#include "privacy/keyring.h"

namespace sqs2pg::cli {

namespace {

constexpr const char* kQueue = "login-queue";

// The same lines as examples/logins.yaml, from the table's name on.
constexpr const char* kPipeline = R"(pipelines:
  logins:
    queue: login-queue
    table: user_logins
    columns:
      user_id:          user_id
      device_type:      device_type
      masked_ip:        {from: ip, mask: hmac, domain: ip, as: ip}
      masked_device_id: {from: device_id, mask: hmac, domain: device}
      locale:           locale
      app_version:      {from: app_version, convert: major_version}
      create_date:      $sent_at
)";

struct Arguments {
    std::string input;
    std::uint64_t count = 1000;
    LoginOptions logins{.seed = 1, .malformed = 0.01};
    std::string version;
    std::string format = "text";

    bool json() const { return format == "json"; }
};

// The demo needs nobody's settings: neither AWS's nor libpq's may lead it elsewhere.
void forget_environment() {
    for (const char* name :
         {"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS",
          "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE",
          "PGOPTIONS", "PGSSLMODE", "PGREQUIRESSL", "PGTARGETSESSIONATTRS"}) {
        unsetenv(name);
    }
    setenv("AWS_ACCESS_KEY_ID", "demo", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "demo", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
}

// Ctrl-C and SIGTERM for the whole demo, on a thread of its own: the first asks for the orderly end, the second cleans
// up and ends at once. While it lives, the handlers stay, also when those of the run come and go.
class Interrupts {
   public:
    explicit Interrupts(std::function<void()> clean_up)
        : signals_(
              loop_.get_executor(), [this](int number) { seen_ = number; }, std::move(clean_up)),
          thread_([this] { loop_.run(); }) {}
    ~Interrupts() {
        loop_.stop();
        thread_.join();
    }
    int seen() const { return seen_; }

   private:
    boost::asio::io_context loop_{1};
    std::atomic<int> seen_{0};
    Signals signals_;
    std::thread thread_;
};

// Runs one coroutine to its end on a loop of its own.
template <class T>
T complete(awaitable<T> work) {
    boost::asio::io_context loop(1);
    std::optional<T> result;
    boost::asio::co_spawn(loop, std::move(work), [&result](std::exception_ptr error, T value) {
        if (error) std::rethrow_exception(error);
        result.emplace(std::move(value));
    });
    loop.run();
    return std::move(*result);
}

class Demo {
   public:
    explicit Demo(Arguments arguments) : arguments_(std::move(arguments)) {}

    int run() {
        auto programs = find_postgres_programs();
        if (!programs) return tell(programs.error(), kFailed);
        auto source = arguments_.input.empty() ? generated_logins(arguments_.count, arguments_.logins)
                                               : open_lines(arguments_.input);
        if (!source) return tell(source.error(), kUsage);
        std::signal(SIGPIPE, SIG_IGN);
        forget_environment();
        postgres_.emplace(*programs);
        Interrupts interrupts([this] { postgres_->remove(); });
        interrupts_ = &interrupts;
        auto status = play(**source);
        postgres_->remove();
        if (status) return kDone;
        if (const int number = interrupts.seen()) {
            fmt::print(stderr, "sqs2pg demo: ended by {}; everything it made is removed\n", signal_name(number));
            return kFailed;
        }
        // The run has told its own failures.
        return status.error().code == "run_failed" ? kFailed : tell(status.error(), kFailed);
    }

   private:
    Status play(MessageSource& source) {
        if (auto begun = postgres_->begin(); !begun) return begun;
        auto queue = EmbeddedQueue::start(kQueue);
        if (!queue) return fail(queue.error());
        step("embedded queue", fmt::format("{} in this process, queue {}", (*queue)->url(), kQueue));
        // While initdb works.
        auto sent = send(source, (*queue)->url());
        if (!sent) return sent;
        if (auto started = postgres_->start([this] { return stopped(); }); !started) return started;
        step("private PostgreSQL", fmt::format("in {}, reachable by its unix socket only", postgres_->folder()));
        if (auto made = complete(make_demo_table(postgres_->conninfo())); !made) return made;
        auto settings = configure((*queue)->url());
        if (!settings) return fail(settings.error());
        if (!arguments_.json()) fmt::print("\n{}\n", kPipeline);
        std::fflush(stdout);
        return drain(*settings);
    }

    Status drain(const config::Settings& settings) {
        RunOptions options;
        options.drain = true;
        options.migrate = true;
        options.fail_fast = true;
        options.ops = "off";
        options.log.level = telemetry::LogLevel::Error;
        options.version = arguments_.version;
        options.configuration = "sqs2pg.yaml";
        options.summary = false;
        options.grace = std::chrono::seconds(5);
        options.before_abrupt_end = [this] { postgres_->remove(); };
        if (stopped()) return stopping();
        auto outcome = run_pipelines(settings, options);
        if (stopped() || outcome.signal != 0) return stopping();
        if (outcome.exit_code != kDone || outcome.pipelines.empty()) {
            return fail(ErrorKind::Configuration, Stage::Start, "run_failed");
        }
        auto findings = complete(look_at_demo(postgres_->conninfo()));
        if (!findings) return fail(findings.error());
        findings->figures = outcome.pipelines.front().figures;
        findings->seconds = outcome.seconds;
        fmt::print("{}", arguments_.json() ? demo_json(*findings, kPipeline)
                                           : demo_report(*findings, screen_of(STDOUT_FILENO)));
        return {};
    }

    Status send(MessageSource& source, const std::string& url) {
        config::AwsSettings aws;
        aws.endpoint_url = url;
        auto endpoint = endpoint_of(aws, kQueue);
        if (!endpoint) return fail(endpoint.error());
        boost::asio::io_context loop(1);
        QueueAccess access(loop.get_executor(), aws, *endpoint, clock_);
        Status status;
        boost::asio::co_spawn(loop, send_on(access, source, status), boost::asio::detached);
        loop.run();
        return status;
    }

    // The references outlive the loop that runs it.
    awaitable<void> send_on(QueueAccess& access, MessageSource& source, Status& status) {
        auto looking = queue_url_of(access.client, kQueue, false);
        auto url = co_await std::move(looking);
        SenderOptions options;
        options.refused = [](std::uint64_t line, std::string_view why) {
            fmt::print(stderr, "sqs2pg demo: line {} {}: left out\n", line, why);
        };
        options.stop = [this] { return stopped(); };
        if (url) {
            auto sending = send_all(access.client, *url, source, clock_, std::move(options));
            auto report = co_await std::move(sending);
            if (report.stopped_by) status = fail(*report.stopped_by);
            auto from =
                arguments_.input.empty() ? "made up, some of them malformed on purpose" : "from " + arguments_.input;
            if (!stopped()) step("messages", fmt::format("{} sent, {}", grouped(report.sent), from));
        } else {
            status = fail(url.error());
        }
        access.http.close();
    }

    // The configuration that is shown, with the demo's own addresses in front.
    Result<config::Settings> configure(const std::string& url) {
        auto keys = postgres_->folder() + "/keys";
        {
            std::ofstream file(keys);
            chmod(keys.c_str(), 0600);
            file << privacy::Keyring::generate().to_yaml().reveal();
            if (!file.flush()) return fail(ErrorKind::Configuration, Stage::Start, "no_keys", "cannot write " + keys);
        }
        step("key", "made for this demo; gone with it");
        auto yaml =
            fmt::format("postgres:\n  url: {}\naws:\n  endpoint_url: {}\n  region: us-east-1\nkeys:\n  file: {}\n{}",
                        postgres_->conninfo(), url, keys, kPipeline);
        auto loaded = config::load_text(yaml, "demo", config::process_environment());
        if (loaded.mistakes.empty()) return std::move(loaded.settings);
        return fail(ErrorKind::Configuration, Stage::Start, "demo_configuration",
                    loaded.mistakes.front().place + ": " + loaded.mistakes.front().sentence);
    }

    void step(std::string_view what, const std::string& how) const {
        if (arguments_.json()) return;
        fmt::print("{:<20}{}\n", what, how);
        std::fflush(stdout);
    }

    static int tell(const Error& error, int exit_code) {
        fmt::print(stderr, "sqs2pg demo: {}\n", error.detail.empty() ? error.code : error.detail);
        return exit_code;
    }

    bool stopped() const { return interrupts_->seen() != 0; }
    static Status stopping() { return fail(ErrorKind::Stopping, Stage::Start, "stopped"); }

    Arguments arguments_;
    SystemClock clock_;
    std::optional<DemoPostgres> postgres_;
    Interrupts* interrupts_ = nullptr;
};

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("demo", "Run the login pipeline with a queue and a PostgreSQL of its own");
    auto* input = command->add_option("--input", arguments->input,
                                      "A file of JSON lines instead of made-up logins; - is standard input");
    command->add_option("--count", arguments->count, "How many logins to make up")
        ->excludes(input)
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
        ->capture_default_str();
    command->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([&exit_code, arguments] {
        arguments->version = build_info().version;
        exit_code = Demo(*arguments).run();
    });
}

}  // namespace sqs2pg::cli
