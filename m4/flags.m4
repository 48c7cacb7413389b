dnl flags.m4: what compiler and C library must do, and instruction sets.

dnl The library is C11 with atomics.
AC_DEFUN([EFFNET_C11], [
AC_MSG_CHECKING([whether $CC compiles C11])
save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -std=c11"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([
        #include <stdatomic.h>
        static _Thread_local int number;
        _Static_assert(sizeof(float) == 4, "IEEE 754 single");],
        [atomic_int i; atomic_init(&i, number); return atomic_load(&i);])],
        [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         AC_MSG_ERROR([a C11 compiler is needed; set CC])])
CFLAGS=$save_CFLAGS
])

dnl POSIX threads: -pthread compiles and links.
AC_DEFUN([EFFNET_THREADS], [
AC_MSG_CHECKING([for POSIX threads])
save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -pthread"
AC_LINK_IFELSE([AC_LANG_PROGRAM([#include <pthread.h>
        static void *run(void *p) { return p; }],
        [pthread_t t; return pthread_create(&t, NULL, run, NULL);])],
        [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         AC_MSG_ERROR([POSIX threads (-pthread) are needed])])
CFLAGS=$save_CFLAGS
LIB_LIBS="-pthread $LIB_LIBS"
pc_libs="-pthread $pc_libs"
])

dnl The mathematical functions, in libm or the C library.
AC_DEFUN([EFFNET_MATH], [
AC_MSG_CHECKING([for libm])
save_LIBS=$LIBS
LIBS="-lm $LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([#include <math.h>
        #include <stdlib.h>], [return (int)pow(atof("1"), atof("2"));])],
        [AC_MSG_RESULT([-lm])
         LIB_LIBS="-lm $LIB_LIBS"
         pc_libs="-lm $pc_libs"],
        [AC_MSG_RESULT([no])
         AC_MSG_ERROR([libm is needed])])
LIBS=$save_LIBS
])

dnl EFFNET_INSTRUCTION_SET(NAME, option, flags, prologue, body)
dnl NAME_CFLAGS and have_option, for lib/kernels/*_option.c and no other file.
AC_DEFUN([EFFNET_INSTRUCTION_SET], [
AC_ARG_ENABLE([$2],
        [AS_HELP_STRING([--disable-$2], [leave out the $1 kernels])],
        [], [enable_$2=yes])
have_$2=no
$1_CFLAGS=
if test "$enable_$2" != no; then
        AC_MSG_CHECKING([whether $CC compiles for $1])
        save_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS $3"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([$4], [$5])],
                [have_$2=yes
                 $1_CFLAGS="$3"])
        CFLAGS=$save_CFLAGS
        AC_MSG_RESULT([$have_$2])
fi
if test $have_$2 = yes; then
        AC_DEFINE([HAVE_$1], [1], [Define to build the $1 kernels.])
fi
AC_SUBST([have_$2])
AC_SUBST([$1_CFLAGS])
])
