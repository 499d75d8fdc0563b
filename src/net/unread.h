// What came on a connection and was not consumed yet. The connections of a client or a server read into one room: each
// consumes what came before another's turn, nearly always all of it. With a room each, hundreds of connections would
// find theirs in none of the CPU's caches, and hold 64 KiB.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>

namespace sqs2pg::net {

// The most that is read ahead of what is consumed.
inline constexpr std::size_t kReadBufferBytes = 64 * 1024;

// Shared by connections of one thread.
using ReadRoom = std::array<char, kReadBufferBytes>;

class Unread {
   public:
    explicit Unread(std::shared_ptr<ReadRoom> room) : room_(std::move(room)) {}

    // Valid until the next call of another member, and until the owner waits for anything, unless keep() came before.
    std::string_view text() const noexcept { return kept_.empty() ? fresh_ : kept_; }
    std::size_t size() const noexcept { return text().size(); }

    void consume(std::size_t bytes) {
        if (kept_.empty()) {
            fresh_.remove_prefix(bytes);
        } else {
            kept_.erase(0, bytes);
        }
    }

    // Before the owner waits: others may read meanwhile.
    void keep() { kept_.append(std::exchange(fresh_, {})); }

    void clear() noexcept {
        fresh_ = {};
        kept_.clear();
    }

    // Where more can be read to, after a wait too; no bytes where kReadBufferBytes are unread.
    boost::asio::mutable_buffer prepare() {
        keep();
        return boost::asio::buffer(*room_, room_->size() - kept_.size());
    }

    // So much has just been read to where prepare() said.
    void commit(std::size_t bytes) {
        fresh_ = std::string_view(room_->data(), bytes);
        if (!kept_.empty()) keep();
    }

   private:
    std::shared_ptr<ReadRoom> room_;
    std::string_view fresh_;  // in the room; empty where `kept_` is not
    std::string kept_;
};

}  // namespace sqs2pg::net
