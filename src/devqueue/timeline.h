// Intrusive lists of the queue model: a chain (first in, first out) and a timeline (chains in the order of a due time).
// Adding at the latest time, removing and taking the first cost O(1) however many elements there are; adding at an
// earlier time costs the logarithm of the number of distinct milliseconds. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace sqs2pg::devqueue {

using Millis = std::int64_t;  // since 1970-01-01T00:00:00Z, given by the caller: the model asks no clock

template <class T>
struct Ends {
    T* first = nullptr;
    T* last = nullptr;
};

// What an element carries for each list that it can stand in.
template <class T>
struct Link {
    T* previous = nullptr;
    T* next = nullptr;
    typename std::map<Millis, Ends<T>>::iterator period{};  // timelines only
};

template <class T, Link<T> T::* kLink>
void append(Ends<T>& ends, T& element) {
    auto& link = element.*kLink;
    link.previous = ends.last;
    link.next = nullptr;
    if (ends.last != nullptr) {
        (ends.last->*kLink).next = &element;
    } else {
        ends.first = &element;
    }
    ends.last = &element;
}

template <class T, Link<T> T::* kLink>
void unlink(Ends<T>& ends, T& element) {
    auto& link = element.*kLink;
    (link.previous != nullptr ? (link.previous->*kLink).next : ends.first) = link.next;
    (link.next != nullptr ? (link.next->*kLink).previous : ends.last) = link.previous;
    link.previous = nullptr;
    link.next = nullptr;
}

// Elements are borrowed and must not move while they are linked.
template <class T, Link<T> T::* kLink>
class Chain {
   public:
    void add(T& element) { append<T, kLink>(ends_, element); }
    void remove(T& element) { unlink<T, kLink>(ends_, element); }
    T* first() const noexcept { return ends_.first; }

   private:
    Ends<T> ends_;
};

template <class T, Link<T> T::* kLink>
class Timeline {
   public:
    void add(T& element, Millis due) {
        auto period = periods_.try_emplace(periods_.end(), due);
        append<T, kLink>(period->second, element);
        (element.*kLink).period = period;
    }

    void remove(T& element) {
        auto period = (element.*kLink).period;
        unlink<T, kLink>(period->second, element);
        if (period->second.first == nullptr) periods_.erase(period);
    }

    // The earliest; among equals the one that was added first.
    T* first() const noexcept { return periods_.empty() ? nullptr : periods_.begin()->second.first; }
    std::optional<Millis> first_due() const noexcept {
        return periods_.empty() ? std::nullopt : std::optional<Millis>(periods_.begin()->first);
    }

   private:
    std::map<Millis, Ends<T>> periods_;
};

}  // namespace sqs2pg::devqueue
