// The members of SQS requests, one reader a type.
#include "devqueue/request.h"

#include <fmt/format.h>

#include "devqueue/rules.h"

namespace sqs2pg::devqueue {
namespace {

tl::unexpected<ApiError> wrong_type(std::string_view name) {
    return refuse("SerializationException",
                  fmt::format("The member {} has another type than the operation expects.", name));
}

// The member when it is there and not null.
std::optional<simdjson::dom::element> member(const JsonObject& object, std::string_view name) {
    simdjson::dom::element element;
    if (object[name].get(element) != simdjson::SUCCESS || element.is_null()) return std::nullopt;
    return element;
}

Answer<sqs::Attribute> read_attribute(const simdjson::dom::element& element, std::string_view name) {
    JsonObject object;
    if (element.get(object) != simdjson::SUCCESS) return wrong_type(name);
    auto type = optional_text(object, "DataType");
    auto text = optional_text(object, "StringValue");
    auto binary = optional_text(object, "BinaryValue");
    if (!type || !text || !binary) return wrong_type(name);
    return sqs::Attribute{std::string(type->value_or("")), std::string(text->value_or("")),
                          std::string(binary->value_or(""))};
}

Answer<std::string> read_trace_header(const JsonObject& object) {
    auto system = message_attributes(object, "MessageSystemAttributes");
    if (!system) return refuse(system.error());
    std::string trace;
    for (auto& [name, attribute] : *system) {
        if (name != "AWSTraceHeader" || attribute.data_type != "String" || attribute.string_value.empty()) {
            return refuse("InvalidParameterValue",
                          "The only message system attribute that can be sent is AWSTraceHeader, of type String.");
        }
        trace = std::move(attribute.string_value);
    }
    return trace;
}

}  // namespace

Answer<JsonObject> parse_request(simdjson::dom::parser& parser, std::string& body) {
    if (body.empty()) body = "{}";
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    JsonObject object;
    if (parser.parse(body.data(), body.size(), false).get(object) != simdjson::SUCCESS) {
        return refuse("SerializationException", "The request body is not a JSON object in UTF-8.");
    }
    return object;
}

Answer<std::optional<std::string_view>> optional_text(const JsonObject& object, std::string_view name) {
    auto element = member(object, name);
    if (!element) return std::optional<std::string_view>{};
    std::string_view text;
    if (element->get(text) != simdjson::SUCCESS) return wrong_type(name);
    return std::optional(text);
}

Answer<std::optional<int>> optional_int(const JsonObject& object, std::string_view name) {
    auto element = member(object, name);
    if (!element) return std::optional<int>{};
    std::int64_t number = 0;
    if (element->get(number) != simdjson::SUCCESS || number < INT32_MIN || number > INT32_MAX) return wrong_type(name);
    return std::optional(static_cast<int>(number));
}

Answer<std::string_view> required_text(const JsonObject& object, std::string_view name) {
    auto text = optional_text(object, name);
    if (!text) return refuse(text.error());
    if (!*text || (*text)->empty()) {
        return refuse("MissingParameter", fmt::format("The request must contain the parameter {}.", name));
    }
    return **text;
}

Answer<std::vector<std::string_view>> text_list(const JsonObject& object, std::string_view name) {
    std::vector<std::string_view> texts;
    auto element = member(object, name);
    if (!element) return texts;
    simdjson::dom::array array;
    if (element->get(array) != simdjson::SUCCESS) return wrong_type(name);
    for (auto item : array) {
        std::string_view text;
        if (item.get(text) != simdjson::SUCCESS) return wrong_type(name);
        texts.push_back(text);
    }
    return texts;
}

Answer<AttributeMap> text_map(const JsonObject& object, std::string_view name) {
    AttributeMap map;
    auto element = member(object, name);
    if (!element) return map;
    JsonObject members;
    if (element->get(members) != simdjson::SUCCESS) return wrong_type(name);
    for (auto [key, value] : members) {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS) return wrong_type(name);
        map.insert_or_assign(std::string(key), std::string(text));
    }
    return map;
}

Answer<MessageAttributes> message_attributes(const JsonObject& object, std::string_view name) {
    MessageAttributes attributes;
    auto element = member(object, name);
    if (!element) return attributes;
    JsonObject members;
    if (element->get(members) != simdjson::SUCCESS) return wrong_type(name);
    for (auto [key, value] : members) {
        auto attribute = read_attribute(value, name);
        if (!attribute) return refuse(attribute.error());
        attributes.insert_or_assign(std::string(key), std::move(*attribute));
    }
    return attributes;
}

Answer<Batch> read_batch(const JsonObject& object) {
    Batch batch;
    if (auto element = member(object, "Entries")) {
        simdjson::dom::array array;
        if (element->get(array) != simdjson::SUCCESS) return wrong_type("Entries");
        batch.entries.reserve(sqs::kMaxBatchEntries);
        batch.ids.reserve(sqs::kMaxBatchEntries);
        for (auto item : array) {
            JsonObject entry;
            if (item.get(entry) != simdjson::SUCCESS) return wrong_type("Entries");
            auto id = optional_text(entry, "Id");
            if (!id) return refuse(id.error());
            batch.entries.push_back(entry);
            batch.ids.push_back(id->value_or(""));
        }
    }
    if (auto checked = check_batch_ids(batch.ids); !checked) return refuse(checked.error());
    return batch;
}

Answer<std::string_view> optional_token(const JsonObject& object, std::string_view name) {
    auto text = optional_text(object, name);
    if (!text) return refuse(text.error());
    if (!*text) return std::string_view{};
    if (auto checked = check_token(**text, name); !checked) return refuse(checked.error());
    return **text;
}

Answer<SendRequest> read_send(const JsonObject& object) {
    SendRequest request;
    auto body = required_text(object, "MessageBody");
    if (!body) return refuse(body.error());
    auto delay = optional_int(object, "DelaySeconds");
    if (!delay) return refuse(delay.error());
    auto attributes = message_attributes(object, "MessageAttributes");
    if (!attributes) return refuse(attributes.error());
    auto trace = read_trace_header(object);
    if (!trace) return refuse(trace.error());
    auto group = optional_token(object, "MessageGroupId");
    if (!group) return refuse(group.error());
    auto deduplication = optional_token(object, "MessageDeduplicationId");
    if (!deduplication) return refuse(deduplication.error());
    request.body = *body;
    request.delay_seconds = *delay;
    request.attributes = std::move(*attributes);
    request.trace_header = std::move(*trace);
    request.group_id = *group;
    request.deduplication_id = *deduplication;
    return request;
}

Answer<std::string_view> queue_name(const JsonObject& object) {
    auto url = required_text(object, "QueueUrl");
    if (!url) return url;
    auto slash = url->rfind('/');
    return slash == std::string_view::npos ? *url : url->substr(slash + 1);
}

}  // namespace sqs2pg::devqueue
