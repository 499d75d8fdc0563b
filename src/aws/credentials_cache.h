// Keeps what a provider answered and renews it in time (refresh_policy.h): one fetch at a time, on one executor, and
// all who wait share it, from whichever event loop they ask. A request waits only when there is nothing valid.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "aws/credentials.h"
#include "base/clock.h"

namespace sqs2pg::aws {

// After each fetch, on its executor: what came of it, and whether older ones are still in use.
using RefreshObserver = std::function<void(const Result<Credentials>& fetched, bool keeps_older)>;

// Safe to use from any thread; the lock is held for copies only, never across an await.
class CredentialsCache final : public CredentialsProvider {
   public:
    struct Kept {
        Credentials credentials;
        std::uint64_t number = 0;  // of the fetch that brought them
    };

    // Fetches run on `executor`. `clock` is borrowed: it outlives the cache and the fetch under way.
    CredentialsCache(boost::asio::any_io_executor executor, std::unique_ptr<CredentialsProvider> provider,
                     const Clock& clock, RefreshObserver observer = {});
    ~CredentialsCache() override;

    awaitable<Result<Credentials>> credentials() override;
    std::shared_ptr<const Credentials> at_hand() override;
    // Of whatever is kept now; see refuse().
    void invalidate() override;

    awaitable<Result<Kept>> keep();
    // Those of keep() when that has nothing to do but hand them out; nullptr otherwise. `number`: of their fetch.
    std::shared_ptr<const Credentials> at_hand(std::uint64_t& number);
    // The service refused those of this fetch: the next request waits for new ones. Nothing happens when newer ones are
    // there already, or when they are a few seconds old.
    void refuse(std::uint64_t number);

   private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sqs2pg::aws
