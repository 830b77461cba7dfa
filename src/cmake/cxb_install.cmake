# Install rules: libraries as cxb::<module>, headers, processes, schemas, CMake package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
