// `sqs2pg queue`: the embedded SQS-compatible queue in the foreground, for development and tests.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

#include "cli/accepted_keys.h"
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
    bool verify_signatures = false;
    std::string accept_keys;
    std::int64_t sent_ago_seconds = 0;
    std::string tls_certificate;
    std::string tls_key;
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
    options.tls_certificate = arguments.tls_certificate;
    options.tls_key = arguments.tls_key;
    options.account.sent_ago_ms = arguments.sent_ago_seconds * 1000;

    if (arguments.verify_signatures || !arguments.accept_keys.empty()) {
        auto keys = accepted_keys(aws::process_environment(), arguments.accept_keys);
        if (!keys) {
            fmt::print(stderr, "sqs2pg queue: {}\n", keys.error().detail);
            return kUsage;
        }
        options.accepted_keys = std::move(*keys);
    }

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
    fmt::print("listening on {} (queues are kept in memory{})\n", server.url(),
               options.accepted_keys.empty()
                   ? ""
                   : fmt::format("; signatures are checked, keys accepted: {}", options.accepted_keys.size()));
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
    command->add_flag("--verify-signatures", arguments->verify_signatures,
                      "Carry out only what is signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and "
                      "AWS_SESSION_TOKEN) of this command's environment, or with a key of --accept-keys");
    command->add_option("--accept-keys", arguments->accept_keys,
                        "An AWS credentials file: --verify-signatures, with the keys of all of its profiles");
    command
        ->add_option("--sent-timestamps-ago", arguments->sent_ago_seconds,
                     "Set SentTimestamp back by so many seconds: a backlog of old messages")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'209'600}));
    auto* certificate = command->add_option(
        "--tls-cert", arguments->tls_certificate,
        "Serve HTTPS with this certificate (PEM, its chain behind it); clients trust its CA by AWS_CA_BUNDLE");
    auto* key = command->add_option("--tls-key", arguments->tls_key, "The key of --tls-cert (PEM)");
    certificate->needs(key);
    key->needs(certificate);
    command->callback([&exit_code, arguments] { exit_code = serve(*arguments); });
}

}  // namespace sqs2pg::cli
