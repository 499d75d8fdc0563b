// The reference page, see reference.h.
#include "config/reference.h"

#include <fmt/core.h>

#include "config/fields.h"
#include "config/report.h"

namespace sqs2pg::config {
namespace {

struct Heading {
    std::string_view section;
    std::string_view title;
    std::string_view text;
};

constexpr Heading kHeadings[] = {
    {kTop, "The file", "The sections of the file. Only `keys` and `pipelines` are needed."},
    {"postgres", "`postgres`", ""},
    {"aws", "`aws`", ""},
    {"keys", "`keys`", "One of the two."},
    {"ops", "`ops`", ""},
    {"log", "`log`", ""},
    {"dead_letters", "`dead_letters`", ""},
    {kPipeline, "`pipelines.NAME`", "Those marked with † may stand in `defaults` too."},
    {kBrake, "`pipelines.NAME.brake`", "It trips when both limits are passed."},
    {kS3, "`pipelines.NAME.s3`", "Where and how `unwrap: s3-pointer` fetches objects; see envelopes.md."},
    {kRoute, "`pipelines.NAME.routes`", "A list; each entry is a kind of message."},
    {kOnConflict, "`pipelines.NAME.on_conflict`",
     "The rows of a batch go through a temporary table. The writing role needs, beside INSERT, SELECT on the key "
     "(with `do: update` on every mapped column), UPDATE on what is updated, and TEMPORARY on the database; `migrate` "
     "grants it."},
    {kColumn, "`pipelines.NAME.columns.COLUMN`",
     "A column's value walks from its path through `convert` and `mask` into the column. Its type, length and "
     "nullability come from the live table."},
};

constexpr std::string_view kIntroduction = R"(# Configuration

One YAML file, or a folder of `*.yaml` and `*.yml` files. `sqs2pg check -c FILE` tells every mistake at once, with file,
line and column.

```yaml
postgres:
  url: postgresql://sqs2pg@db/app
keys:
  file: /run/secrets/sqs2pg.keys
pipelines:
  logins:
    queue: login-queue
    table: user_logins
    columns:
      user_id:          user_id
      device_type:      device_type
      masked_ip:        {from: ip, mask: hmac, domain: ip, as: ip}
      masked_device_id: {from: device_id, mask: hmac, domain: device}
      locale:           locale
      app_version:      {from: app_version, convert: major_version}
      create_date:      $sent_at
```

- `${NAME}` in a value takes an environment variable, after the YAML was read; one that is not set is a mistake. `$${`
  is a literal `${`.
- A key that stands twice is a mistake. Anchors (`&name`) and aliases (`*name`) repeat whole values; merge keys (`<<`)
  and tags (`!…`) are refused. A file has at most 1 MiB, 32 levels and 20,000 values.
- Times are written `60` (seconds), `90s`, `2m` or `1h`; sizes `65536`, `64KiB`, `16MiB` or `1GiB`.

## Many pipelines

A pipeline takes each of `postgres`, `aws`, `keys` and the options marked with † from the first of these that has it:

1. the pipeline itself;
2. `defaults` of its own file;
3. what all files share: `postgres`, `aws` and `keys` at the top of one file, and `defaults` of a file that has no
   `pipelines`;
4. the program's default.

`postgres`, `aws` and `keys` are taken as a whole, so that no password meets another's host. Saying the same at the top
and in `defaults` is a mistake. In a folder, two pipelines of one name and two pipelines on one queue are mistakes, and
every section of the process (`ops`, `log`, `dead_letters`, `max_connections`) stands in one of the files.

```yaml
defaults:
  postgres: {url: postgresql://sqs2pg@db/app}
  keys: {file: /run/secrets/sqs2pg.keys}
  visibility_timeout: 2m
max_connections: 60
pipelines:
  logins:
    queue: login-queue
    table: user_logins
    columns: {user_id: user_id, create_date: $sent_at}
  invoices:
    queue: invoice-queue
    postgres: {url: postgresql://sqs2pg@billing/invoices}
    visibility_timeout: 5m
    table: invoices
    columns: {number: invoice.number, total: invoice.total}
```

This page is written by the program from the table that also reads the file, so it holds every option there is.
)";

std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::Text:
            return "text";
        case FieldType::Secret:
            return "text, secret";
        case FieldType::Integer:
            return "whole number";
        case FieldType::Seconds:
            return "time";
        case FieldType::Bytes:
            return "size";
        case FieldType::Flag:
            return "`true` or `false`";
        case FieldType::Choice:
            return "choice";
        case FieldType::Choices:
            return "choices";
        case FieldType::Value:
            return "any scalar";
        case FieldType::Section:
            return "section";
        case FieldType::Sections:
            return "sections by name";
        case FieldType::Columns:
            return "columns by name";
        case FieldType::List:
            return "list of sections";
        case FieldType::Values:
            return "values by path";
        case FieldType::Names:
            return "name or list of names";
    }
    return "";
}

// A bar would end the cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '|') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

std::string values_of(const Field& field) {
    switch (field.type) {
        case FieldType::Integer:
        case FieldType::Seconds:
        case FieldType::Bytes:
            return fmt::format("{}, {} to {}", type_name(field.type), spelled(field.type, field.least),
                               spelled(field.type, field.most));
        case FieldType::Section:
            if (field.choices.empty()) return std::string(type_name(field.type));
            return either(split_choices(field.choices)) + ", or a section";
        case FieldType::Choice:
        case FieldType::Choices: {
            std::string text;
            for (auto choice : split_choices(field.choices))
                text += fmt::format("{}`{}`", text.empty() ? "" : ", ", choice);
            return field.type == FieldType::Choices ? text + ", or a list of them" : text;
        }
        default:
            return std::string(type_name(field.type));
    }
}

std::string default_of(const Field& field) {
    if (field.need == Need::Required) return "needed";
    return field.fallback.empty() ? "" : fmt::format("`{}`", field.fallback);
}

}  // namespace

std::string reference_markdown() {
    std::string page(kIntroduction);
    for (const auto& heading : kHeadings) {
        page += fmt::format("\n## {}\n\n", heading.title);
        if (!heading.text.empty()) page += fmt::format("{}\n\n", heading.text);
        page += "| key | values | default | meaning |\n|---|---|---|---|\n";
        std::string later;
        for (const auto& field : fields()) {
            if (field.section != heading.section) continue;
            if (field.need == Need::Later) {
                later += fmt::format("{}`{}`", later.empty() ? "" : ", ", field.name);
                continue;
            }
            page += fmt::format("| `{}`{} | {} | {} | {} |\n", field.name, field.in_defaults ? " †" : "",
                                cell(values_of(field)), cell(default_of(field)), cell(field.doc));
        }
        if (!later.empty()) page += fmt::format("\nReserved for a later version: {}.\n", later);
    }
    return page;
}

}  // namespace sqs2pg::config
