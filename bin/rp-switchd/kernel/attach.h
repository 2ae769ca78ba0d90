/*
 * attach: a program of kernel.c on a network device, by traffic control or in
 * the driver. Privileges are needed to attach, and none to be rid of it: XDP's
 * link ends with its descriptor, and a filter of traffic control goes with the
 * next start of a switch, which finds that its owner has ended.
 */
#ifndef RP_SWITCHD_ATTACH_H
#define RP_SWITCHD_ATTACH_H

#include <stdint.h>

struct netdev;

/*
 * Take a handle for the filters of this process, and remove the filters of
 * those that have ended from all devices. The owner of a handle is a socket,
 * whose name is the handle's in this network namespace. Return its descriptor,
 * which is to be kept open, or a negative errno.
 *
 *   -EBUSY  as many switches as there are handles run here
 */
int attach_claim(uint32_t *handle);

/* Put a filter on a device. Return 0 or a negative errno. */
int attach_tc(unsigned index, uint32_t handle, int prog_fd);

/* Remove it. It fails without privileges, which is of no harm. */
void detach_tc(unsigned index, uint32_t handle);

/*
 * Put a program into a device's driver. Return a descriptor, with which it
 * ends, or a negative errno.
 *
 *   -EOPNOTSUPP  the driver cannot
 *   -EBUSY       there is another
 */
int attach_xdp(unsigned index, int prog_fd);

#endif
