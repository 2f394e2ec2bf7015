#pragma once

// What Swift cannot see of libhdf5, and nothing else.
//
// Most predefined ids of libhdf5 are macros that initialise the library and read a global variable
// (`H5OPEN H5T_NATIVE_INT_g`). Swift imports no macro with a comma, and the variable alone is
// mutable global state that may still be unset. Each function below expands one such macro.

#include <hdf5.h>

// MARK: Access flags: macros wrapped in H5CHECK and H5OPEN.

static inline unsigned chdf5_acc_rdonly(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_acc_trunc(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_acc_excl(void) { return H5F_ACC_EXCL; }

// An "or" of macros, which Swift does not evaluate.
static inline hid_t chdf5_obj_all(void) { return H5F_OBJ_ALL; }

// MARK: Property list classes: ids behind H5OPEN.

static inline hid_t chdf5_p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_p_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_p_object_copy(void) { return H5P_OBJECT_COPY; }
static inline hid_t chdf5_p_link_create(void) { return H5P_LINK_CREATE; }

// MARK: Types: ids behind H5OPEN.

static inline hid_t chdf5_t_int8(void) { return H5T_STD_I8LE; }
static inline hid_t chdf5_t_int16(void) { return H5T_STD_I16LE; }
static inline hid_t chdf5_t_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_t_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_t_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_t_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_t_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t chdf5_t_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_t_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_t_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_t_c_string(void) { return H5T_C_S1; }

// A cast of -1 to size_t, which Swift does not evaluate.
static inline size_t chdf5_t_variable(void) { return H5T_VARIABLE; }

// MARK: Casts in macros that Swift does not evaluate.

static inline haddr_t chdf5_addr_undefined(void) { return HADDR_UNDEF; }
static inline hid_t chdf5_error_stack(void) { return H5E_DEFAULT; }

// MARK: Error numbers: ids behind H5OPEN.

static inline hid_t chdf5_e_not_hdf5(void) { return H5E_NOTHDF5; }
static inline hid_t chdf5_e_truncated(void) { return H5E_TRUNCATED; }
static inline hid_t chdf5_e_no_filter(void) { return H5E_NOFILTER; }
static inline hid_t chdf5_e_not_found(void) { return H5E_NOTFOUND; }
static inline hid_t chdf5_e_exists(void) { return H5E_EXISTS; }
static inline hid_t chdf5_e_file_exists(void) { return H5E_FILEEXISTS; }
static inline hid_t chdf5_e_cannot_lock_file(void) { return H5E_CANTLOCKFILE; }

// MARK: A file driver of ours.

// libhdf5 hands `base` around and knows nothing of what follows; Swift's own structs promise no layout.
typedef struct chdf5_driven_file {
    H5FD_t base;
    void *store;
} chdf5_driven_file;
