/* kernel_none: what kernel.h offers where there is no libbpf. */
#include "config.h"
#include "kernel/kernel.h"

#include <stdlib.h>

#include "base/log.h"

struct kernel {
	bool refused;
};

bool
kernel_is_built(void)
{
	return false;
}

struct kernel *
kernel_new(const struct kernel_options *options)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (kernel == NULL || options->mode == KERNEL_OFF)
		return kernel;
	kernel->refused = true;
	log_warn("kernel", "mode=%s why=\"built without libbpf\"",
	    kernel_mode_text(options->mode));
	return kernel;
}

const struct inkernel *
kernel_table(const struct kernel *kernel)
{
	(void)kernel;
	return NULL;
}

void
kernel_renew(struct kernel *kernel, uint64_t now_ns)
{
	(void)kernel;
	(void)now_ns;
}

void
kernel_stats(const struct kernel *kernel, struct kernel_stats *out)
{
	*out = (struct kernel_stats){ 0 };
	if (kernel != NULL && kernel->refused)
		out->refused = 1;
}

void
kernel_free(struct kernel *kernel)
{
	free(kernel);
}
