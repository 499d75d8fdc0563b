// Renewal of credentials under virtual time: when, how often, by whom, and who waits.
#include "aws/credentials_cache.h"

#include <random>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "aws/refresh_policy.h"
#include "sim/sim_clock.h"

namespace sqs2pg::aws {
namespace {

using sim::SimClock;
using std::chrono::milliseconds;

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

// What the next fetches bring, after which time.
struct Origin {
    std::int64_t latency = 0;
    std::optional<std::int64_t> lifetime = kHour;
    bool fails = false;
    bool fixed = false;

    int started = 0;
    int under_way = 0;
    int most_under_way = 0;
    std::vector<std::int64_t> started_at;
};

class Scripted final : public CredentialsProvider {
   public:
    Scripted(Origin& origin, SimClock& clock) : origin_(origin), clock_(clock) {}
    awaitable<Result<Credentials>> credentials() override {
        auto number = ++origin_.started;
        origin_.started_at.push_back(clock_.wall_ms());
        origin_.most_under_way = std::max(origin_.most_under_way, ++origin_.under_way);
        auto plan = origin_;
        if (plan.latency > 0) co_await clock_.sleep_for(milliseconds(plan.latency));
        --origin_.under_way;
        if (plan.fails) co_return fail(ErrorKind::Retry, Stage::Start, "down", "the origin is down");
        Credentials found;
        found.access_key_id = "K" + std::to_string(number);
        found.fixed = plan.fixed;
        if (plan.lifetime) found.expires_at_ms = clock_.wall_ms() + *plan.lifetime;
        co_return found;
    }
    void invalidate() override {}

   private:
    Origin& origin_;
    SimClock& clock_;
};

struct World {
    // Lets everything run that can, without time.
    void settle() {
        loop.restart();
        while (loop.poll() > 0) {
        }
    }
    void pass(std::int64_t ms) {
        auto until = clock.wall_ms() + ms;
        bool woken = false;
        auto sleeper = [](SimClock* sleeping, std::int64_t wait, bool* done) -> awaitable<void> {
            co_await sleeping->sleep_for(milliseconds(wait));
            *done = true;
        };
        boost::asio::co_spawn(loop, sleeper(&clock, ms, &woken), boost::asio::detached);
        settle();
        while (!woken && clock.advance()) settle();
        EXPECT_EQ(clock.wall_ms(), until);
    }
    struct Asked {
        std::optional<Result<Credentials>> answer;
    };
    std::shared_ptr<Asked> ask() {
        auto asked = std::make_shared<Asked>();
        auto asking = [](CredentialsCache* from, std::shared_ptr<Asked> into) -> awaitable<void> {
            into->answer = co_await from->credentials();
        };
        boost::asio::co_spawn(loop, asking(&cache, asked), boost::asio::detached);
        settle();
        return asked;
    }
    // The key that is there at once; "" when one would have to wait, "!" on an error.
    std::string key() {
        auto asked = ask();
        if (!asked->answer) return "";
        return *asked->answer ? (*asked->answer)->access_key_id : "!";
    }

    SimClock clock;
    Origin origin;
    std::vector<std::string> observed;
    std::int64_t kept_until = 0;  // of the last that came
    bool refused = false;         // since then
    boost::asio::io_context loop{1};
    CredentialsCache cache{loop.get_executor(), std::make_unique<Scripted>(origin, clock), clock,
                           [this](const Result<Credentials>& fetched, bool keeps_older) {
                               if (fetched) kept_until = fetched->expires_at_ms.value_or(INT64_MAX);
                               if (fetched) refused = false;
                               observed.push_back(fetched ? fetched->access_key_id : keeps_older ? "kept" : "none");
                           }};
};

struct Renewal : testing::Test, World {};

TEST_F(Renewal, AllWhoWaitShareTheOneFetchUnderWay) {
    origin.latency = 5 * kSecond;
    std::vector<std::shared_ptr<Asked>> waiting;
    for (int i = 0; i < 100; ++i) waiting.push_back(ask());
    pass(4 * kSecond);
    for (const auto& asked : waiting) EXPECT_FALSE(asked->answer);
    pass(kSecond);
    for (const auto& asked : waiting) {
        ASSERT_TRUE(asked->answer);
        EXPECT_EQ((*asked->answer)->access_key_id, "K1");
    }
    EXPECT_EQ(origin.started, 1);
}

TEST_F(Renewal, From15MinutesBeforeTheEndTheyAreRenewedWhileRequestsGoOn) {
    EXPECT_EQ(key(), "K1");
    origin.latency = 30 * kSecond;
    pass(45 * kMinute - kSecond);
    EXPECT_EQ(key(), "K1");
    EXPECT_EQ(origin.started, 1);
    pass(kSecond);
    EXPECT_EQ(key(), "K1");
    EXPECT_EQ(key(), "K1");
    EXPECT_EQ(origin.started, 2);
    pass(30 * kSecond);
    EXPECT_EQ(key(), "K2");
    EXPECT_EQ(origin.started, 2);
}

TEST_F(Renewal, CredentialsAreAtHandUntilOneHasToFetchThem) {
    std::uint64_t number = 0;
    EXPECT_EQ(cache.at_hand(number), nullptr) << "none was fetched yet";
    EXPECT_EQ(key(), "K1");
    auto held = cache.at_hand(number);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->access_key_id, "K1");
    EXPECT_EQ(number, 1U);
    pass(45 * kMinute);
    EXPECT_EQ(cache.at_hand(number), nullptr) << "they are due, and asking for them renews them";
    EXPECT_EQ(key(), "K1");
    ASSERT_TRUE(cache.at_hand(number));
    EXPECT_EQ(cache.at_hand(number)->access_key_id, "K2");
    EXPECT_EQ(held->access_key_id, "K1") << "a request that holds the older ones goes on with them";
    pass(10 * kSecond);
    cache.refuse(number);
    EXPECT_EQ(cache.at_hand(number), nullptr) << "they were refused";
}

TEST_F(Renewal, AFailureKeepsWhatIsValidAndTheLast10MinutesAreMoreUrgent) {
    key();
    origin.fails = true;
    pass(45 * kMinute);
    auto fetches_of = [&](int minutes) {
        auto before = origin.started;
        for (int i = 0; i < minutes * 60; ++i) {
            EXPECT_EQ(key(), "K1");
            pass(kSecond);
        }
        return origin.started - before;
    };
    auto early = fetches_of(5);
    EXPECT_GE(early, 2);
    EXPECT_LE(early, 6);
    auto late = fetches_of(9);
    EXPECT_GE(late, 17);
    EXPECT_LE(late, 25);
    EXPECT_EQ(observed.back(), "kept");
    pass(kMinute);
    EXPECT_NE(key(), "K1") << "not beyond their end";
    EXPECT_EQ(observed.back(), "none");
    origin.fails = false;
    pass(15 * kSecond);
    EXPECT_EQ(key().substr(0, 1), "K");
}

TEST_F(Renewal, AnOriginThatIsDownIsNotHammered) {
    origin.fails = true;
    for (int i = 0; i < 3000; ++i) {
        EXPECT_EQ(key(), "!");
        pass(100);
    }
    EXPECT_LE(origin.started, 25) << "five minutes";
    EXPECT_GE(origin.started, 15);
}

TEST_F(Renewal, AnEndThatIsMissingOrCloseOnlySetsHowSoonTheyAreLookedAtAgain) {
    origin.lifetime = std::nullopt;
    EXPECT_EQ(key(), "K1");
    pass(59 * kMinute);
    EXPECT_EQ(key(), "K1");
    origin.lifetime = 4 * kMinute;
    pass(kMinute);
    EXPECT_EQ(key(), "K1");
    EXPECT_EQ(key(), "K2") << "keys without an end are looked at again after an hour";
    pass(2 * kMinute - kSecond);
    EXPECT_EQ(key(), "K2");
    EXPECT_EQ(origin.started, 2);
    pass(kSecond);
    key();
    EXPECT_EQ(key(), "K3") << "a short life is renewed at half";
    origin.lifetime = 8 * kSecond;
    pass(2 * kMinute);
    for (int i = 0; i < 600; ++i) {
        key();
        pass(100);
    }
    EXPECT_LE(origin.started, 4 + 60 / 5) << "every 5 s at most";
    EXPECT_GE(origin.started, 4 + 60 / 9);
}

TEST_F(Renewal, WhatIsFixedIsNeverFetchedAgain) {
    origin.fixed = true;
    origin.lifetime = std::nullopt;
    key();
    pass(24 * kHour);
    EXPECT_EQ(key(), "K1");
    EXPECT_EQ(origin.started, 1);
}

TEST_F(Renewal, ARefusalFetchesAnewOnceForAllWhoWereRefused) {
    key();
    pass(kMinute);
    for (int i = 0; i < 10; ++i) cache.refuse(1);
    EXPECT_EQ(key(), "K2");
    for (int i = 0; i < 10; ++i) cache.refuse(1);
    EXPECT_EQ(key(), "K2") << "the refused ones have been replaced already";
    cache.refuse(2);
    EXPECT_EQ(key(), "K2") << "the same would come again";
    EXPECT_EQ(origin.started, 2);
}

TEST_F(Renewal, CredentialsThatHaveExpiredWhenTheyComeAreAnError) {
    origin.lifetime = -kMinute;
    auto asked = ask();
    ASSERT_TRUE(asked->answer && !*asked->answer);
    EXPECT_EQ(asked->answer->error().code, "expired");
    EXPECT_EQ(asked->answer->error().kind, ErrorKind::Credentials);
}

// Days of workers that ask, an origin that is slow, down or short of breath, and services that refuse.
struct Day : World {
    static awaitable<void> worker(Day* day, unsigned seed) {
        std::mt19937 random(seed);
        while (day->clock.wall_ms() < day->end) {
            co_await day->clock.sleep_for(milliseconds(random() % 40'000));
            auto asked_at = day->clock.wall_ms();
            auto valid = day->kept_until > asked_at + RefreshPolicy::kLastMoment && !day->refused;
            auto found = co_await day->cache.credentials();
            auto now = day->clock.wall_ms();
            ++day->asked;
            if (valid && (!found || now != asked_at))
                day->faults.push_back("a request waited beside valid credentials");
            if (found && found->expires_at_ms && *found->expires_at_ms <= now) day->faults.push_back("expired ones");
            if (random() % 500 == 0) {
                day->refused = true;
                day->cache.invalidate();
            }
        }
    }

    std::int64_t end = 0;
    int asked = 0;
    std::vector<std::string> faults;
};

TEST(CredentialsDays, NoSeedMakesARequestWaitBesideValidCredentialsOrTwoFetchesRun) {
    const char* one = std::getenv("SQS2PG_SIM_SEED");
    auto first = one != nullptr ? std::strtoul(one, nullptr, 10) : 1UL;
    auto last = one != nullptr ? first : 5UL;
    for (auto seed = first; seed <= last; ++seed) {
        Day day;
        std::mt19937 random(static_cast<unsigned>(seed));
        day.end = day.clock.wall_ms() + 4 * kHour;
        for (unsigned i = 0; i < 8; ++i) {
            boost::asio::co_spawn(day.loop, Day::worker(&day, random()), boost::asio::detached);
        }
        day.settle();
        for (std::int64_t changes_at = 0; day.clock.wall_ms() < day.end && day.clock.advance(); day.settle()) {
            if (day.clock.wall_ms() < changes_at) continue;
            changes_at = day.clock.wall_ms() + static_cast<std::int64_t>(random() % (20 * kMinute));
            day.origin.fails = random() % 4 == 0;
            day.origin.latency = static_cast<std::int64_t>(random() % (20 * kSecond));
            const std::int64_t lives[] = {20 * kSecond, 5 * kMinute, 20 * kMinute, kHour, 6 * kHour};
            day.origin.lifetime = lives[random() % 5];
        }
        EXPECT_GT(day.asked, 2'000);
        EXPECT_EQ(day.origin.most_under_way, 1) << "SQS2PG_SIM_SEED=" << seed;
        EXPECT_TRUE(day.faults.empty()) << "SQS2PG_SIM_SEED=" << seed << ": " << day.faults.size()
                                        << ", the first: " << day.faults.front();
        for (std::size_t i = 1; i < day.origin.started_at.size(); ++i) {
            auto gap = day.origin.started_at[i] - day.origin.started_at[i - 1];
            ASSERT_GE(gap, kSecond) << "SQS2PG_SIM_SEED=" << seed;
        }
        day.clock.forget_sleepers();
    }
}

}  // namespace
}  // namespace sqs2pg::aws
