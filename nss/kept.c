/* SPDX-License-Identifier: MIT */

/* A few cells, each with a map of the view and a flag. Who sets the flag owns the cell, map
 * included, until he clears it; who finds all flags set maps the file for himself and unmaps it
 * after. So there is no lock to wait for and no count of readers to get wrong: one thread always
 * gets the first cell, several at once get one each, and a child that was forked while another
 * thread of its parent owned a cell can never use that one, and uses the next.
 *
 * A map whose file is marked superseded may still be the newest (the daemon has just started, or
 * is between marking and renaming), so it is not wrong, but the path is opened again each time
 * until it leads to a file that is not marked. */

#include "nss/kept.h"

#include "nss/place.h"

#include <errno.h>
#include <stdatomic.h>

#define CELLS                                                                                      \
	8 /* threads that look up accounts of ours at the same moment, without a system call */

struct kept_cell {
	_Alignas(64) atomic_flag owned;
	struct view view;
};

static struct kept_cell cells[CELLS];

static struct kept_cell *cell_own(void)
{
	size_t i;

	for (i = 0; i < CELLS; i++)
		if (!atomic_flag_test_and_set_explicit(&cells[i].owned, memory_order_acquire))
			return &cells[i];
	return NULL;
}

static void cell_leave(struct kept_cell *cell)
{
	atomic_flag_clear_explicit(&cell->owned, memory_order_release);
}

/* Puts what the path leads to in the place of what was there: nothing, if it leads nowhere. */
static int renew(struct view *view)
{
	int saved = errno;
	int r;

	view_close(view);
	r = view_open(place_path(), place_owner(), view);
	errno = saved;
	return r < 0 ? -ENOENT : 0;
}

int kept_take(struct kept *ret)
{
	struct kept_cell *cell = cell_own();
	struct view *view;
	int r = 0;

	ret->cell = cell;
	ret->own.bytes = NULL;
	view = cell ? &cell->view : &ret->own;
	if (!view->bytes || view_is_superseded(view))
		r = renew(view);
	if (r < 0 && cell)
		cell_leave(cell);
	ret->view = view;
	return r;
}

void kept_give(struct kept *kept)
{
	if (kept->cell)
		cell_leave(kept->cell);
	else
		view_close(&kept->own);
}

/* When the module is unloaded, or the process ends. The cells stay owned: a thread that looks
 * something up even now maps the file for itself. */
__attribute__((destructor)) static void unload(void)
{
	struct kept_cell *cell;

	while ((cell = cell_own()) != NULL)
		view_close(&cell->view);
}
