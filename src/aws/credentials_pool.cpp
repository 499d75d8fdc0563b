// Credentials that a process shares, see credentials_pool.h.
#include "aws/credentials_pool.h"

#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "aws/credentials_cache.h"
#include "aws/credentials_chain.h"
#include "aws/credentials_role.h"
#include "aws/http_options.h"

namespace sqs2pg::aws {
namespace {

std::string text_of(const Identity& identity) {
    const auto& aws = identity.configured;
    const auto& role = identity.role;
    auto flag = [](const std::optional<bool>& value) { return value ? (*value ? "1" : "0") : ""; };
    std::string text;
    for (const auto& part : {aws.profile, aws.region, aws.ca_bundle, role.role_arn, role.external_id, role.session_name,
                             role.duration_seconds, std::string(flag(aws.use_fips_endpoint)),
                             std::string(flag(aws.use_dualstack_endpoint))}) {
        text += fmt::format("{}:{};", part.size(), part);
    }
    return text;
}

// The cache of one identity with the thread that its fetches run on.
class Shared {
   public:
    Shared(const Identity& identity, Environment environment, RefreshObserver observer)
        : http_(loop_.get_executor(), http_options(identity.configured, environment)),
          context_{
              .http = http_, .clock = clock_, .environment = std::move(environment), .configured = identity.configured},
          cache_(loop_.get_executor(), make_provider(context_, identity.role), clock_, std::move(observer)),
          work_(loop_.get_executor()),
          thread_([this] { loop_.run(); }) {}
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() {
        loop_.stop();
        thread_.join();
    }

    CredentialsCache& cache() noexcept { return cache_; }

   private:
    SystemClock clock_;
    // A fetch that is under way is destroyed with the loop, which goes last of those that it borrows from.
    boost::asio::io_context loop_{1};
    net::HttpClient http_;
    SourceContext context_;
    CredentialsCache cache_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

// One event loop's way to it, which remembers what it was given last.
class Front final : public CredentialsProvider {
   public:
    explicit Front(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    awaitable<Result<Credentials>> credentials() override {
        auto kept = co_await shared_->cache().keep();
        if (!kept) co_return fail(std::move(kept.error()));
        number_ = kept->number;
        co_return std::move(kept->credentials);
    }
    std::shared_ptr<const Credentials> at_hand() override { return shared_->cache().at_hand(number_); }
    void invalidate() override { shared_->cache().refuse(number_); }

   private:
    std::shared_ptr<Shared> shared_;
    std::uint64_t number_ = 0;
};

}  // namespace

struct CredentialsPool::Impl {
    void told(const std::string& identity, const Result<Credentials>& fetched, bool keeps_older) {
        const std::lock_guard lock(observer_mutex);
        if (observer) observer(identity, fetched, keeps_older);
    }

    Environment environment{};
    std::mutex mutex{};
    std::map<std::string, std::weak_ptr<Shared>> shared{};
    std::mutex observer_mutex{};
    Observer observer{};
};

CredentialsPool::CredentialsPool(Environment environment) : impl_(std::make_shared<Impl>()) {
    impl_->environment = std::move(environment);
}

CredentialsPool::~CredentialsPool() = default;

std::unique_ptr<CredentialsProvider> CredentialsPool::provider(const Identity& identity) {
    auto text = text_of(identity);
    const std::lock_guard lock(impl_->mutex);
    auto& slot = impl_->shared[text];
    auto shared = slot.lock();
    if (!shared) {
        auto told = [impl = impl_, text](const Result<Credentials>& fetched, bool keeps_older) {
            impl->told(text, fetched, keeps_older);
        };
        shared = std::make_shared<Shared>(identity, impl_->environment, std::move(told));
        slot = shared;
        std::erase_if(impl_->shared, [](const auto& entry) { return entry.second.expired(); });
    }
    return std::make_unique<Front>(std::move(shared));
}

void CredentialsPool::observe(Observer observer) {
    const std::lock_guard lock(impl_->observer_mutex);
    impl_->observer = std::move(observer);
}

CredentialsPool& CredentialsPool::process() {
    static CredentialsPool pool(process_environment());
    return pool;
}

std::unique_ptr<CredentialsProvider> make_provider(const SourceContext& context, const RoleCall& role) {
    auto chain = std::make_unique<CredentialsChain>(context);
    if (role.role_arn.empty()) return chain;
    return std::make_unique<RoleCredentials>(context, role, std::move(chain));
}

}  // namespace sqs2pg::aws
