// What came and was not consumed, and what a resting connection of the server keeps.
#include "net/unread.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "net/http_session.h"

namespace sqs2pg::net {
namespace {

// As a socket would be read.
void come(Unread& unread, std::string_view bytes) {
    auto room = unread.prepare();
    ASSERT_GE(room.size(), bytes.size());
    std::ranges::copy(bytes, static_cast<char*>(room.data()));
    unread.commit(bytes.size());
}

struct Rooms : testing::Test {
    std::shared_ptr<ReadRoom> room = std::make_shared<ReadRoom>();
    Unread one{room};
    Unread other{room};
};

TEST_F(Rooms, BytesAreConsumedInTheOrderInWhichTheyCame) {
    come(one, "abcdef");
    one.consume(2);
    EXPECT_EQ(one.text(), "cdef");
    come(one, "ghi");
    EXPECT_EQ(one.text(), "cdefghi");
    one.consume(5);
    come(one, "j");
    EXPECT_EQ(one.text(), "hij");
    one.consume(3);
    EXPECT_EQ(one.size(), 0u);
    come(one, "k");
    EXPECT_EQ(one.text(), "k");
}

TEST_F(Rooms, WhatOneKeepsIsNotWhatAnotherReads) {
    come(one, "first request, and the next");
    one.consume(13);
    one.keep();
    come(other, "somebody else's, longer than the first by far");
    EXPECT_EQ(one.text(), ", and the next");
    other.consume(9);
    come(one, "!");
    EXPECT_EQ(one.text(), ", and the next!");
}

TEST_F(Rooms, NoMoreIsReadThanIsAllowedToLieUnread) {
    come(one, std::string(kReadBufferBytes - 10, 'x'));
    EXPECT_EQ(one.prepare().size(), 10u);
    come(one, std::string(10, 'y'));
    EXPECT_EQ(one.prepare().size(), 0u);
    EXPECT_EQ(one.size(), kReadBufferBytes);
    one.clear();
    EXPECT_EQ(one.prepare().size(), kReadBufferBytes);
}

TEST_F(Rooms, ARestingConnectionKeepsTheMemoryOfSmallBodiesOnly) {
    boost::asio::io_context loop;
    Session session(Session::Socket(loop), room);
    session.request.body.assign(2 * kReadBufferBytes, 'x');
    session.let_go_of_large_body();
    EXPECT_LE(session.request.body.capacity(), kReadBufferBytes);
    session.request.body.assign(1000, 'x');
    session.let_go_of_large_body();
    EXPECT_GE(session.request.body.capacity(), 1000u);
}

}  // namespace
}  // namespace sqs2pg::net
