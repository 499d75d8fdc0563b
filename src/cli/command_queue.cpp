// `sqs2pg queue`: the embedded SQS-compatible queue in the foreground, for development and tests.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

#include "cli/commands.h"
#include "cli/signals.h"
#include "devqueue/server.h"
#include "ops/server.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string listen = "127.0.0.1:9324";
    std::vector<std::string> create;
    bool faults = false;
    std::int64_t sent_ago_seconds = 0;
};

int serve(const Arguments& arguments) {
    const auto address = ops::parse_listen(arguments.listen);
    if (!address || !*address) {
        fmt::print(stderr, "sqs2pg queue: --listen takes HOST:PORT, such as 127.0.0.1:9324\n");
        return kUsage;
    }
    devqueue::ServerOptions options;
    options.host = (*address)->host;
    options.port = (*address)->port;
    options.faults = arguments.faults;
    options.account.sent_ago_ms = arguments.sent_ago_seconds * 1000;

    std::signal(SIGPIPE, SIG_IGN);
    SystemClock clock;
    options.account.seed = static_cast<std::uint64_t>(clock.wall_ms());
    boost::asio::io_context loop(1);
    devqueue::Server server(loop.get_executor(), options, clock);
    for (const auto& name : arguments.create) {
        devqueue::AttributeMap attributes;
        if (name.ends_with(".fifo")) attributes = {{"FifoQueue", "true"}};
        if (const auto made = server.create_queue(name, attributes); !made) {
            fmt::print(stderr, "sqs2pg queue: {}\n", made.error().detail);
            return kUsage;
        }
    }
    if (const auto started = server.start(); !started) {
        fmt::print(stderr, "sqs2pg queue: {}\n", started.error().detail);
        return kFailed;
    }
    Signals signals(loop.get_executor(),
                    [&](int) {
                        server.stop();
                        loop.stop();
                    },
                    {});
    // Last, so that whoever reads the line may end the queue at once.
    fmt::print("listening on {} (queues are kept in memory)\n", server.url());
    std::fflush(stdout);
    loop.run();
    return kDone;
}

}  // namespace

void add_queue(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("queue", "Serve an SQS-compatible queue in memory, for development and tests");
    command->add_option("--listen", arguments->listen, "HOST:PORT to listen on; port 0 takes any free one")
        ->capture_default_str();
    command
        ->add_option("--create", arguments->create,
                     "Make a queue of this name (a FIFO queue when it ends in .fifo); may be repeated")
        ->allow_extra_args(false);
    command->add_flag("--faults", arguments->faults, "Serve /_faults, which makes calls fail on demand");
    command
        ->add_option("--sent-timestamps-ago", arguments->sent_ago_seconds,
                     "Set SentTimestamp back by so many seconds: a backlog of old messages")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'209'600}));
    command->callback([&exit_code, arguments] { exit_code = serve(*arguments); });
}

}  // namespace sqs2pg::cli
