// What a ReceiveMessage asks to see of each message, and the JSON that shows it. Pure.
// Source: Amazon SQS API Reference, ReceiveMessage (MessageSystemAttributeNames, MessageAttributeNames).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devqueue/errors.h"
#include "devqueue/message.h"

namespace sqs2pg::devqueue {

struct Shown {
    std::uint32_t system = 0;  // bits of system attributes
    bool all_attributes = false;
    std::vector<std::string> attribute_names;  // exact, or a prefix that ends in ".*"
};

// Adds MessageSystemAttributeNames or its deprecated form AttributeNames. InvalidAttributeName.
Verdict show_system(Shown& shown, std::span<const std::string_view> names);
// Adds MessageAttributeNames: "All", ".*", exact names, "prefix.*".
void show_attributes(Shown& shown, std::span<const std::string_view> names);

// {"Messages":[…]}, or {} when there are none. `flip_bit`: fault for tests, one bit of the first body differs from what
// MD5OfBody was made of.
std::string receive_reply(std::span<const Delivery> deliveries, const Shown& shown, bool flip_bit);

}  // namespace sqs2pg::devqueue
