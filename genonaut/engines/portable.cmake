# How the C++ of the engine of our own is compiled (feature `embedded`).

# For any x86-64 processor of the last ten years (AVX2), not for the one that happens to compile it.
set(GGML_NATIVE OFF CACHE BOOL "" FORCE)

# Cargo compiles it anew, in another folder, for another profile and whenever the lock file changes one of its build
# script's dependencies. ccache, where it is installed, knows that it is the same: paths count from the build's folder.
find_program(GENONAUT_CCACHE ccache)
if(GENONAUT_CCACHE)
    get_filename_component(out "${CMAKE_BINARY_DIR}" DIRECTORY)
    set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${out}" CCACHE_NOHASHDIR=1 "${GENONAUT_CCACHE}")
    set(CMAKE_C_COMPILER_LAUNCHER "${launcher}" CACHE STRING "" FORCE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}" CACHE STRING "" FORCE)
endif()
