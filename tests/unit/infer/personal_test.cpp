// What looks personal, by name.
#include <gtest/gtest.h>

#include "infer/names.h"
#include "infer/personal.h"

namespace sqs2pg::infer {
namespace {

TEST(personal, spellings_and_languages_of_one_thing_are_one) {
    const std::vector<std::pair<Personal, std::vector<std::string>>> names{
        {Personal::Ip, {"ip", "clientIP", "ip_address", "IPAddress", "remote-addr", "X-Forwarded-For", "sourceIp"}},
        {Personal::Email, {"email", "e_mail", "E-Mail", "mailAddress", "customer_email", "courriel"}},
        {Personal::Phone, {"phone", "phoneNumber", "tel", "mobile_number", "Telefonnummer", "teléfono", "msisdn"}},
        {Personal::Device, {"deviceId", "device_id", "IDFA", "imei", "mac_address", "androidId"}},
        {Personal::Name, {"firstName", "last_name", "Nachname", "prénom", "apellidos", "cardholder_name"}},
        {Personal::BirthDate, {"birthDate", "date_of_birth", "dob", "Geburtsdatum", "fecha_de_nacimiento"}},
        {Personal::Address, {"street", "address_line_1", "Straße", "billingAddress", "dirección"}},
        {Personal::NationalId, {"ssn", "social_security_number", "passportNo", "codice_fiscale", "cpf"}},
        {Personal::Iban, {"iban", "bankAccount"}},
        {Personal::Card, {"cardNumber", "credit_card", "pan"}},
        {Personal::UserAgent, {"userAgent", "User-Agent", "http_user_agent"}},
        {Personal::Secret, {"password", "apiKey", "access_token", "Passwort", "mot_de_passe", "cvv"}},
    };
    for (const auto& [kind, spellings] : names) {
        for (const auto& name : spellings) {
            const auto spotted = spot_name(words_of(name));
            ASSERT_TRUE(spotted.has_value()) << name;
            EXPECT_EQ(words_for(spotted->kind), words_for(kind)) << name;
            EXPECT_TRUE(spotted->sure) << name;
        }
    }
}

TEST(personal, what_only_begins_like_something_personal_is_left_alone) {
    for (const auto* name :
         {"email_verified", "ip_version", "phone_type", "token_count", "shipping", "zipped", "mailbox", "description",
          "skip", "recipe", "panel", "address_count", "user_id", "device_type", "order_id", "pinned", "telemetry"}) {
        EXPECT_FALSE(spot_name(words_of(name)).has_value()) << name;
    }
}

TEST(names, words_and_columns) {
    EXPECT_EQ(joined(words_of("userIPAddress"), "_"), "user_ip_address");
    EXPECT_EQ(joined(words_of("HTTPServer2Name"), "_"), "http_server2_name");
    EXPECT_EQ(column_name("Weird key!"), "weird_key");
    EXPECT_EQ(column_name("1st"), "c1st");
    EXPECT_EQ(column_name("…"), "column");
    EXPECT_EQ(column_name(std::string(100, 'x')).size(), 63u);
}

}  // namespace
}  // namespace sqs2pg::infer
