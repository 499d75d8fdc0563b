// The table of fields, put together from its parts. See fields.h.
#include "config/fields.h"

#include "config/fields_parts.h"

namespace sqs2pg::config {

std::span<const Field> fields() {
    static const std::vector<Field> all = [] {
        std::vector<Field> table;
        for (auto part : {process_fields(), pipeline_fields(), kind_fields(), column_fields()}) {
            table.insert(table.end(), part.begin(), part.end());
        }
        return table;
    }();
    return all;
}

}  // namespace sqs2pg::config
