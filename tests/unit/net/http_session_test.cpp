// What a connection of the server keeps while it rests.
#include "net/http_session.h"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace sqs2pg::net {
namespace {

TEST(HttpSession, ARestingConnectionKeepsTheMemoryOfSmallBodiesOnly) {
    boost::asio::io_context loop;
    Session session{Session::Socket(loop)};
    session.request.body.assign(2 * kReadBufferBytes, 'x');
    session.let_go_of_large_body();
    EXPECT_LE(session.request.body.capacity(), kReadBufferBytes);
    session.request.body.assign(1000, 'x');
    session.let_go_of_large_body();
    EXPECT_GE(session.request.body.capacity(), 1000u);
}

TEST(HttpSession, UnreadBytesGrowBeyondTheUsualRoomUpToABound) {
    boost::beast::flat_buffer unread;
    EXPECT_EQ(room_behind(unread).size(), kReadBufferBytes);
    unread.commit(100);
    EXPECT_EQ(room_behind(unread).size(), kReadBufferBytes - 100);
    unread.commit(kReadBufferBytes - 100);
    EXPECT_EQ(room_behind(unread).size(), kMostReadBufferBytes - kReadBufferBytes);
    unread.commit(kMostReadBufferBytes - kReadBufferBytes);
    EXPECT_EQ(room_behind(unread).size(), 0u);
}

}  // namespace
}  // namespace sqs2pg::net
