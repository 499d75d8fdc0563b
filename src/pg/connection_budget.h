// At most so many connections of this process at a time, whoever makes them and on whatever event loop: those who want
// one more wait in line. Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>

#include "base/result.h"

namespace sqs2pg::pg {

class ConnectionBudget : public std::enable_shared_from_this<ConnectionBudget> {
   public:
    // At least 1.
    explicit ConnectionBudget(int most) : free_(most) {}

    // One connection's place; given back when it is destroyed.
    class Place {
       public:
        Place() = default;
        explicit Place(std::shared_ptr<ConnectionBudget> budget) : budget_(std::move(budget)) {}
        Place(Place&& other) noexcept = default;
        Place& operator=(Place&& other) noexcept;
        ~Place();

       private:
        std::shared_ptr<ConnectionBudget> budget_;
    };

    // In the order of asking. Retry error "max_connections" when the deadline passes, or when the wait is cancelled.
    awaitable<Result<Place>> take(std::chrono::milliseconds deadline);

    // Somebody waits: who holds a connection that rests, or has had it for a while, closes it.
    bool wanted() const;

   private:
    struct Waiter;
    void give_back();

    mutable std::mutex mutex_;
    int free_;                                     // under mutex_
    std::deque<std::shared_ptr<Waiter>> waiting_;  // under mutex_
};

}  // namespace sqs2pg::pg
