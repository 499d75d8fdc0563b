// The limits on names, bodies, attributes and batches.
#include "devqueue/rules.h"

#include "queue_fixture.h"

namespace sqs2pg::devqueue {
namespace {

using Rules = QueueModel;

SendRequest with_body(std::string body) {
    SendRequest request;
    request.body = std::move(body);
    return request;
}

TEST_F(Rules, queue_names_have_1_to_80_letters_digits_hyphens_and_underscores) {
    EXPECT_TRUE(check_queue_name("a", false));
    EXPECT_TRUE(check_queue_name("Login-queue_2", false));
    EXPECT_TRUE(check_queue_name(std::string(80, 'x'), false));
    EXPECT_EQ(code_of(check_queue_name("", false)), "InvalidParameterValue");
    EXPECT_EQ(code_of(check_queue_name(std::string(81, 'x'), false)), "InvalidParameterValue");
    EXPECT_EQ(code_of(check_queue_name("a.b", false)), "InvalidParameterValue");
    EXPECT_EQ(code_of(check_queue_name("a/b", false)), "InvalidParameterValue");
}

TEST_F(Rules, the_name_of_a_fifo_queue_and_only_that_ends_in_fifo) {
    EXPECT_TRUE(check_queue_name("orders.fifo", true));
    EXPECT_TRUE(check_queue_name(std::string(75, 'x') + ".fifo", true));
    EXPECT_EQ(code_of(check_queue_name("orders.fifo", false)), "InvalidParameterValue");
    for (const auto& name :
         {std::string("orders"), std::string(".fifo"), std::string("a.b.fifo"), std::string(76, 'x') + ".fifo"}) {
        EXPECT_EQ(code_of(check_queue_name(name, true)), "InvalidParameterValue") << name;
    }
}

TEST_F(Rules, a_message_of_exactly_1_mib_fits_and_one_byte_more_does_not) {
    auto& queue = make();
    EXPECT_EQ(send_code(queue, with_body(std::string(1'048'576, 'x'))), "");
    EXPECT_EQ(send_code(queue, with_body(std::string(1'048'577, 'x'))), "InvalidParameterValue");
}

TEST_F(Rules, attributes_count_toward_the_size_of_a_message) {
    auto& queue = make();
    auto request = with_body(std::string(1'048'576 - 10, 'x'));
    request.attributes["name"] = {"String", "", ""};
    request.attributes["name"].string_value = "";
    request.attributes["name"] = {"String", "v", ""};  // 4 + 6 + 1 = 11
    EXPECT_EQ(send_code(queue, std::move(request)), "InvalidParameterValue");
    auto fits = with_body(std::string(1'048'576 - 11, 'x'));
    fits.attributes["name"] = {"String", "v", ""};
    EXPECT_EQ(send_code(queue, std::move(fits)), "");
}

TEST_F(Rules, the_queues_own_maximum_size_holds) {
    auto& queue = make("q", {{"MaximumMessageSize", "1024"}});
    EXPECT_EQ(send_code(queue, with_body(std::string(1024, 'x'))), "");
    EXPECT_EQ(send_code(queue, with_body(std::string(1025, 'x'))), "InvalidParameterValue");
}

TEST_F(Rules, characters_outside_the_xml_set_are_refused) {
    for (std::string body : {std::string("a\0b", 3), std::string("\x01"), std::string("\x1f"), std::string("\x0b"),
                             std::string("ok \xef\xbf\xbe"), std::string("ok \xef\xbf\xbf")}) {
        EXPECT_EQ(code_of(check_body(body)), "InvalidMessageContents");
    }
    for (std::string body : {"\t\r\n ", "\x7f", "\xef\xbf\xbd", "\xef\xbb\xbf", "\xf0\x9f\x98\x80", "\\u0000"}) {
        EXPECT_TRUE(check_body(body)) << body;
    }
}

TEST_F(Rules, an_empty_body_is_refused) {
    auto& queue = make();
    EXPECT_EQ(send_code(queue, with_body("")), "MissingParameter");
}

TEST_F(Rules, delays_are_0_to_900_seconds) {
    auto& queue = make();
    auto request = with_body("a");
    request.delay_seconds = 901;
    EXPECT_EQ(send_code(queue, std::move(request)), "InvalidParameterValue");
    request = with_body("a");
    request.delay_seconds = 900;
    EXPECT_EQ(send_code(queue, std::move(request)), "");
}

TEST_F(Rules, message_attributes_are_held_to_their_rules) {
    auto check = [](const std::string& name, const sqs::Attribute& attribute) {
        return code_of(check_attributes({{name, attribute}}));
    };
    EXPECT_EQ(check("ok", {"String", "v", ""}), "");
    EXPECT_EQ(check("ok.sub-name_1", {"String.json", "v", ""}), "");
    EXPECT_EQ(check("n", {"Number", "-12.5e3", ""}), "");
    EXPECT_EQ(check("b", {"Binary.png", "", "aGVsbG8="}), "");
    EXPECT_EQ(check("n", {"Number", "12x", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("n", {"Number", std::string(39, '1'), ""}), "InvalidParameterValue");
    EXPECT_EQ(check("s", {"String", "", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("s", {"Text", "v", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("s", {"", "v", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("b", {"Binary", "", "not base64!"}), "InvalidParameterValue");
    EXPECT_EQ(check("AWS.x", {"String", "v", ""}), "InvalidParameterValue");
    EXPECT_EQ(check(".x", {"String", "v", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("a..b", {"String", "v", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("a b", {"String", "v", ""}), "InvalidParameterValue");
    EXPECT_EQ(check("s", {"String", "\x02", ""}), "InvalidMessageContents");
}

TEST_F(Rules, ten_attributes_at_most) {
    MessageAttributes attributes;
    for (int i = 0; i < 10; ++i) attributes["a" + std::to_string(i)] = {"String", "v", ""};
    EXPECT_TRUE(check_attributes(attributes));
    attributes["b"] = {"String", "v", ""};
    EXPECT_EQ(code_of(check_attributes(attributes)), "InvalidParameterValue");
}

TEST_F(Rules, digests_and_attributes_are_those_of_sqs) {
    auto& queue = make();
    auto request = with_body("This is a test message");
    request.attributes["test_attribute_name_1"] = {"String", "test_attribute_value_1", ""};
    auto sent = queue.send(std::move(request), now_);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->md5_of_body, "fafb00f5732ab283681e124bf8747ed1");
    EXPECT_EQ(sent->md5_of_attributes.size(), 32u);
    EXPECT_EQ(sent->md5_of_system_attributes, "");
}

TEST_F(Rules, a_batch_has_one_to_ten_entries_with_distinct_well_formed_ids) {
    using Ids = std::vector<std::string_view>;
    auto check = [](const Ids& ids) { return code_of(check_batch_ids(ids)); };
    EXPECT_EQ(check({"a", "b"}), "");
    EXPECT_EQ(check({}), "EmptyBatchRequest");
    EXPECT_EQ(check({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}), "");
    EXPECT_EQ(check({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}), "TooManyEntriesInBatchRequest");
    EXPECT_EQ(check({"a", "b", "a"}), "BatchEntryIdsNotDistinct");
    EXPECT_EQ(check({""}), "InvalidBatchEntryId");
    EXPECT_EQ(check({"a b"}), "InvalidBatchEntryId");
    std::string longest(80, 'i');
    EXPECT_EQ(check({longest}), "");
    longest += 'i';
    EXPECT_EQ(check({longest}), "InvalidBatchEntryId");
}

}  // namespace
}  // namespace sqs2pg::devqueue
