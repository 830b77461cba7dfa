// The one place where Asio's separately compiled part is built. A library of its own (cxb_asio),
// because every module that sees Asio needs it, also without our sockets.
#include <boost/asio/impl/src.hpp>
