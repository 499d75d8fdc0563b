// The limit that the sink is held against: rows by COPY BINARY, encoded beforehand, on libpq's blocking calls. Each
// COPY is a transaction of its own, without BEGIN, ledger or checks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/message.h"

struct pg_conn;

namespace sqs2pg::bench {

// Rows of `user_logins` as COPY BINARY data, in batches of one size; they begin again from the first row at the end.
class BinaryRows {
   public:
    BinaryRows(const std::vector<pipeline::MaskedRow>& rows, std::size_t batch);

    // The data of batch `number`; one with fewer than `rows` is cut.
    std::string_view batch(std::size_t number, std::size_t rows) const;

   private:
    struct Encoded {
        std::string data;               // header and rows
        std::vector<std::size_t> ends;  // of each row
    };
    std::vector<Encoded> batches_;
};

// Throws std::runtime_error, without what the server said about a row.
class CopyConnection {
   public:
    explicit CopyConnection(const std::string& conninfo);
    void copy(std::string_view data);

   private:
    struct End {
        void operator()(pg_conn* connection) const noexcept;
    };
    std::unique_ptr<pg_conn, End> connection_;
};

}  // namespace sqs2pg::bench
