// What a text looks like.
#include <gtest/gtest.h>

#include "infer/forms.h"

namespace sqs2pg::infer {
namespace {

TEST(forms, every_form_is_seen_and_its_neighbours_are_not) {
    const std::vector<std::tuple<Form, std::string, std::string>> cases{
        {Form::Uuid, "424cdd21-063a-43a7-b91b-7ca1a833afae", "424cdd21-063a-43a7-b91b-7ca1a833afag"},
        {Form::Date, "2026-02-28", "2026-02-30"},
        {Form::Timestamp, "2026-02-28T10:00:00", "2026-02-28T25:00:00"},
        {Form::TimestampTz, "2026-02-28T10:00:00Z", "2026-02-28T10:00:00"},
        {Form::Ipv4, "192.0.2.1", "192.0.2.256"},
        {Form::Ipv6, "2001:db8::1", "2001:db8::g"},
        {Form::Mac, "00:00:5e:00:53:01", "00:00:5e:00:53"},
        {Form::Email, "a.b+c@example.org", "a@b"},
        {Form::Phone, "+49 151 2345678", "49 151 2345678"},
        {Form::Card, "4111 1111 1111 1111", "4111 1111 1111 1112"},
        {Form::Iban, "GB82 WEST 1234 5698 7654 32", "GB83 WEST 1234 5698 7654 32"},
        {Form::Secret, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij", "eyJhbGciOiJIUzI1NiJ9"},
        {Form::Version, "2.3.0", "2"},
        {Form::HoldsEmail, "write to a@example.org, please", "write to a@example, please"},
        {Form::Integer, "-42", "4x"},
        {Form::Boolean, "true", "True"},
    };
    for (const auto& [form, yes, no] : cases) {
        EXPECT_TRUE(has(forms_of(yes), form)) << yes;
        EXPECT_FALSE(has(forms_of(no), form)) << no;
    }
}

TEST(forms, names_that_are_data_are_told_from_names) {
    for (const auto* data : {"424cdd21-063a-43a7-b91b-7ca1a833afae", "12", "a@example.org", "2026-01-01", "192.0.2.1",
                             "user123456", "", "deadbeef00deadbeef"}) {
        EXPECT_TRUE(is_data_like_name(data)) << data;
    }
    for (const auto* name : {"user_id", "address1", "First Name", "x-forwarded-for", "ipv4", "a", "détail"}) {
        EXPECT_FALSE(is_data_like_name(name)) << name;
    }
}

}  // namespace
}  // namespace sqs2pg::infer
