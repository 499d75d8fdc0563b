// See unwrapping.h.
#include "config/unwrapping.h"

#include <algorithm>

#include <fmt/core.h>

namespace sqs2pg::config {
namespace {

using pipeline::Unwrap;

void add_step(const Node& node, std::vector<Unwrap>& steps, Report& report) {
    const auto step = pipeline::unwrap_of(node.text);
    if (!step) return;
    if (pipeline::has_step(steps, *step)) {
        report.mistake(node.place, fmt::format("`unwrap` names `{}` twice", node.text));
        return;
    }
    steps.push_back(*step);
}

void read_buckets(const Section& section, pipeline::ObjectOptions& objects, Report& report) {
    const Node* node = section.find("buckets");
    if (node == nullptr) return;
    auto add = [&](const Node& name) {
        if (pipeline::valid_bucket_name(name.text)) {
            objects.buckets.push_back(name.text);
        } else {
            report.mistake(name.place, "`buckets` names buckets: 3 to 63 letters, digits, dots and dashes each");
        }
    };
    if (node->kind == Node::Kind::Scalar) add(*node);
    for (const auto& item : node->items) add(item);
}

void read_s3(const Node& node, pipeline::PipelineOptions& options, S3Settings& s3, Report& report) {
    Section section(node, kS3, "`s3`", node.place, report);
    read_buckets(section, options.objects, report);
    options.objects.delete_object = section.flag("delete_object");
    if (options.objects.delete_object && !section.written("buckets")) {
        report.mistake(section.place_of("delete_object"),
                       "`delete_object` needs `buckets`: else whoever may send to the queue could have any object "
                       "deleted that the pipeline's role may delete");
    }
    if (options.objects.delete_object && pipeline::has_step(options.unwrap, Unwrap::Sns)) {
        report.warning(
            section.place_of("delete_object"),
            "a topic hands one pointer to all of its subscribers: once this pipeline has deleted the object, "
            "the others find nothing");
    }
    s3.region = section.text("region");
    s3.endpoint_url = section.text("endpoint_url");
    if (!s3.endpoint_url.empty() && !s3.endpoint_url.starts_with("http://") &&
        !s3.endpoint_url.starts_with("https://")) {
        report.mistake(section.place_of("endpoint_url"), "`endpoint_url` begins with `http://` or `https://`");
    }
    const auto addressing = section.text("addressing");
    if (addressing == "path") s3.addressing = S3Settings::Addressing::Path;
    if (addressing == "virtual-host") s3.addressing = S3Settings::Addressing::VirtualHost;
}

}  // namespace

void read_unwrapping(const Section& section, pipeline::PipelineOptions& options, S3Settings& s3, Report& report) {
    if (const Node* unwrap = section.find("unwrap")) {
        if (unwrap->kind == Node::Kind::Scalar) add_step(*unwrap, options.unwrap, report);
        for (const auto& item : unwrap->items) add_step(item, options.unwrap, report);
    } else if (section.written("unwrap")) {
        // One mistake shall not draw others about fields of the envelope.
        options.unwrap = {Unwrap::Sns, Unwrap::EventBridge, Unwrap::S3Pointer};
    }
    options.max_unwrapped_bytes = static_cast<std::size_t>(section.number("max_unwrapped_bytes"));
    const Node* node = section.find("s3");
    if (node == nullptr) return;
    read_s3(*node, options, s3, report);
    // In `defaults` it stands for those that have pointers.
    if (section.written("s3") && !section.broken() && !pipeline::has_step(options.unwrap, Unwrap::S3Pointer)) {
        report.mistake(section.place_of("s3"), "`s3` belongs to `unwrap: s3-pointer`, which is not there");
    }
}

}  // namespace sqs2pg::config
