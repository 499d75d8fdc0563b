// See bench_writers.h.
#include "cli/bench_writers.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "adapters/database_on_pg.h"
#include "cli/bench_clock.h"

namespace sqs2pg::cli {
namespace {

namespace asio = boost::asio;

// Not even, so that looks and transactions do not march in step.
constexpr std::chrono::microseconds kLeastPause{4000};
constexpr std::chrono::microseconds kMostPause{14000};

// What the writers of a pass tell their caller; touched on the caller's executor only.
struct Gathering {
    explicit Gathering(const asio::any_io_executor& executor) : changed(executor) {}

    std::vector<WriteTally> tallies;
    std::size_t left = 0;
    bool thrown = false;
    asio::steady_timer changed;
};

}  // namespace

class Writers::Thread {
   public:
    explicit Thread(const WriterOptions& options)
        : sink_(loop_.get_executor(), options.connect(), options.targets, options.limits),
          thread_([this] { loop_.run(); }) {}

    ~Thread() {
        asio::post(loop_, [this] {
            ending_ = true;
            if (!running_) return loop_.stop();  // the sink's timer of a resting connection would keep it turning
            cancel_.emit(asio::cancellation_type::terminal);
        });
        thread_.join();
    }

    // `then` is called on this thread.
    template <class T, class Then>
    void start(awaitable<T> work, Then then) {
        asio::post(loop_, [this, work = std::move(work), then = std::move(then)]() mutable {
            running_ = true;
            auto done = [this, then = std::move(then)](std::exception_ptr thrown, T result) mutable {
                running_ = false;
                then(thrown, std::move(result));
                if (ending_) loop_.stop();
            };
            asio::co_spawn(loop_, std::move(work), asio::bind_cancellation_slot(cancel_.slot(), std::move(done)));
        });
    }

    awaitable<Status> connect() {
        auto looking = sink_.tables();
        auto tables = co_await std::move(looking);
        if (!tables) co_return fail(tables.error());
        co_return Status{};
    }

    awaitable<WriteTally> write(std::shared_ptr<WritePass> pass) {
        WriteTally tally;
        while (Steady::now() < pass->until) {
            const auto at = pass->next.fetch_add(pass->batch);
            if (at >= pass->entries.size()) break;
            const auto batch = pass->entries.subspan(at, std::min(pass->batch, pass->entries.size() - at));
            const auto began = Steady::now();
            const auto cpu = thread_seconds();
            auto writing = sink_.write(batch);
            auto report = co_await std::move(writing);
            if (!report) {
                tally.failure = std::move(report.error());
                break;
            }
            tally.worker_seconds += thread_seconds() - cpu;
            tally.transaction_seconds += seconds_since(began);
            tally.messages += batch.size();
            ++tally.transactions;
        }
        co_return tally;
    }

   private:
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard_{loop_.get_executor()};
    asio::cancellation_signal cancel_;
    adapters::DatabaseOnPg sink_;
    bool running_ = false;  // both on the loop's thread
    bool ending_ = false;
    std::thread thread_;
};

Writers::Writers(WriterOptions options) : options_(std::move(options)) {}
Writers::~Writers() = default;

int Writers::size() const noexcept { return static_cast<int>(threads_.size()); }

awaitable<Status> Writers::connect(int count) {
    auto executor = co_await asio::this_coro::executor;
    while (size() < count) {
        auto& thread = *threads_.emplace_back(std::make_unique<Thread>(options_));
        struct Answer {
            explicit Answer(const asio::any_io_executor& on) : came(on, Steady::time_point::max()) {}
            std::optional<Status> status;
            asio::steady_timer came;
        };
        auto answer = std::make_shared<Answer>(executor);
        thread.start(thread.connect(), [answer, executor](std::exception_ptr thrown, Status status) {
            asio::post(executor, [answer, thrown, status = std::move(status)] {
                answer->status = thrown ? Status(fail(ErrorKind::Retry, Stage::Write, "exception", "")) : status;
                answer->came.cancel();
            });
        });
        while (!answer->status) {
            boost::system::error_code ignored;
            auto token = asio::redirect_error(asio::use_awaitable, ignored);
            co_await answer->came.async_wait(token);
        }
        if (*answer->status) continue;
        threads_.pop_back();
        // 53300: no connection is free, or the role's limit is reached.
        const bool some_will_do = size() > 0 && answer->status->error().code == "53300";
        if (!some_will_do) co_return fail(answer->status->error());
        break;
    }
    co_return Status{};
}

awaitable<std::vector<WriteTally>> Writers::run(std::shared_ptr<WritePass> pass, int count,
                                                std::function<awaitable<void>()> meanwhile) {
    auto executor = co_await asio::this_coro::executor;
    auto gathering = std::make_shared<Gathering>(executor);
    gathering->left = static_cast<std::size_t>(std::min(count, size()));
    const auto writers = gathering->left;
    for (std::size_t i = 0; i < writers; ++i) {
        auto& thread = *threads_[i];
        thread.start(thread.write(pass), [gathering, executor](std::exception_ptr thrown, WriteTally tally) {
            asio::post(executor, [gathering, thrown, tally = std::move(tally)]() mutable {
                gathering->thrown = gathering->thrown || thrown;
                gathering->tallies.push_back(std::move(tally));
                --gathering->left;
                gathering->changed.cancel();
            });
        });
    }
    std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> pause(kLeastPause.count(), kMostPause.count());
    while (gathering->left > 0) {
        gathering->changed.expires_after(std::chrono::microseconds(pause(random)));
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await gathering->changed.async_wait(token);
        if (gathering->left < writers) continue;  // the last transactions, with fewer writers
        auto looking = meanwhile();
        co_await std::move(looking);
    }
    if (gathering->thrown) throw std::runtime_error("a writer met an exception");
    co_return std::move(gathering->tallies);
}

}  // namespace sqs2pg::cli
