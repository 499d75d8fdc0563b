// Cache first, then AWS, see reader.h.
#include "secrets/reader.h"

#include <utility>

#include "aws/http_options.h"

namespace sqs2pg::secrets {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};

// One request's client.
struct Line {
    Line(boost::asio::any_io_executor executor, const ReaderOptions& options, aws::CredentialsProvider& credentials,
         Clock& clock)
        : http(std::move(executor), aws::http_options(options.configured, options.environment)),
          client(http, &credentials, clock, {options.max_attempts}) {}
    ~Line() { http.close(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    net::HttpClient http;
    aws::ServiceClient client;
};

}  // namespace

Reader::Reader(ReaderOptions options, std::unique_ptr<aws::CredentialsProvider> credentials, Cache& cache, Clock& clock)
    : options_(std::move(options)), credentials_(std::move(credentials)), cache_(cache), clock_(clock) {}

std::string Reader::key_of(const Reference& reference) const {
    auto whole = reference;
    whole.member.clear();  // two members of one secret are one request
    return options_.identity + '\n' + shown(whole);
}

awaitable<Result<HeldPtr>> Reader::read(boost::asio::any_io_executor executor, Reference reference,
                                        Clock::Steady not_before) {
    const auto key = key_of(reference);
    for (;;) {
        auto look = cache_.look(key, not_before, clock_.now());
        if (look.held) co_return look.held;
        if (look.failed) co_return fail(std::move(*look.failed));
        if (look.claim) {
            Line line(executor, options_, *credentials_, clock_);
            const FetchContext context{line.client, options_.configured, options_.environment};
            auto fetched = co_await fetch(reference, context);
            co_return look.claim->keep(std::move(fetched), clock_.now());
        }
        co_await clock_.sleep_for(kLookAgain);
    }
}

HeldPtr Reader::newest(const Reference& reference) const { return cache_.newest(key_of(reference)); }

awaitable<Result<std::string>> Reader::rotation(boost::asio::any_io_executor executor, Reference reference) {
    Line line(std::move(executor), options_, *credentials_, clock_);
    const FetchContext context{line.client, options_.configured, options_.environment};
    auto told = co_await rotation_of(std::move(reference), context);
    co_return told;
}

}  // namespace sqs2pg::secrets
