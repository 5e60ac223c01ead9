#ifndef SIMPUL_CZLIB_SHIM_H
#define SIMPUL_CZLIB_SHIM_H

#include <zlib.h>

#endif
