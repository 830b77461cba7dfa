// The one place where the separately compiled parts of Asio's TLS and of Beast are built.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
