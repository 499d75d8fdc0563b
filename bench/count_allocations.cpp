// Counting operators new and delete, see count_allocations.h. The array and nothrow forms of the library call these.
#include "count_allocations.h"

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t counted = 0;

}  // namespace

std::uint64_t sqs2pg::bench::allocations() noexcept { return counted; }

void* operator new(std::size_t size) {
    ++counted;
    if (void* room = std::malloc(size > 0 ? size : 1)) return room;
    throw std::bad_alloc();
}

void operator delete(void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }
