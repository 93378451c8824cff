/* SPDX-License-Identifier: MIT */

/* Whatever happened to the bytes of a view: no crash, no wrong answer. */

#include "lib/view.h"

#include "lib/cleanup.h"
#include "tests/unit/sample_accounts.h"

#include <check.h>
#include <errno.h>

static uint8_t *bytes;
static size_t length;
static struct view view;
static char buffer[4096];

static void set_up(void)
{
	ck_assert_int_eq(view_build(samples, SAMPLES, &bytes, &length), 0);
	ck_assert_int_eq(view_init(bytes, length, &view), 0);
}

static void tear_down(void)
{
	free(bytes);
}

static void reseal_header(void)
{
	struct view_header *header = (void *)bytes;

	header->checksum = view_hash(header->seed, header, offsetof(struct view_header, checksum));
}

static void check_group(int r, const struct view_group *group)
{
	size_t i;

	if (r < 0)
		return;
	ck_assert_uint_eq(strncmp(group->name, ACCOUNT_GROUP, sizeof(ACCOUNT_GROUP) - 1), 0);
	for (i = 0; group->members[i]; i++)
		ck_assert_str_eq(group->members[i], "support-ana");
	ck_assert_uint_eq(i, group->gid == ACCOUNT_GID_READONLY);
}

/* Asks everything of these bytes: each answer is right, or there is none. Returns how many. */
static size_t ask_all(const uint8_t *damaged, size_t size)
{
	struct view_account got;
	struct view_group group;
	size_t found = 0, i;
	int r;

	if (view_init(damaged, size, &view) < 0)
		return 0;
	for (i = 0; i < SAMPLES; i++) {
		r = view_account_by_name(&view, samples[i].name, buffer, sizeof(buffer), &got);
		ck_assert(r < 0 || (is_sample(&got) && got.uid == samples[i].uid));
		found += r == 0;
		r = view_account_by_uid(&view, samples[i].uid, buffer, sizeof(buffer), &got);
		ck_assert(r < 0 || (is_sample(&got) && got.uid == samples[i].uid));
		found += r == 0;
		r = view_account_at(&view, i, buffer, sizeof(buffer), &got);
		ck_assert(r < 0 || is_sample(&got));
		found += r == 0;
	}
	for (i = 0; i < 4; i++) {
		r = view_group_by_gid(
			&view, (gid_t)(ACCOUNT_GID + i), buffer, sizeof(buffer), &group);
		check_group(r, &group);
		found += r == 0;
		r = view_group_at(&view, i, buffer, sizeof(buffer), &group);
		check_group(r, &group);
	}
	ck_assert_int_eq(view_group_by_gid(&view, 0, buffer, sizeof(buffer), &group), -ENOENT);
	return found;
}

START_TEST(a_flipped_bit_anywhere_never_makes_a_wrong_answer)
{
	const size_t all = 3 * SAMPLES + 4;
	size_t hidden = 0, i;
	int bit;

	ck_assert_uint_eq(ask_all(bytes, length), all);
	for (i = 0; i < length; i++)
		for (bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1 << bit);
			hidden += ask_all(bytes, length) < all;
			bytes[i] ^= (uint8_t)(1 << bit);
		}
	ck_assert_uint_gt(hidden, length);
	ck_assert_uint_eq(ask_all(bytes, length), all);
}
END_TEST

START_TEST(a_byte_that_became_0_or_255_never_makes_a_wrong_answer)
{
	size_t i;

	for (i = 0; i < length; i++) {
		uint8_t saved = bytes[i];

		bytes[i] = 0;
		ask_all(bytes, length);
		bytes[i] = 0xff;
		ask_all(bytes, length);
		bytes[i] = saved;
	}
}
END_TEST

START_TEST(a_truncated_view_is_refused_at_every_length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		/* A block of its own, so that the sanitizer sees a read behind its end. */
		_cleanup_(freep) uint8_t *cut = malloc(i + 1);

		ck_assert_ptr_nonnull(cut);
		memcpy(cut, bytes, i);
		ck_assert_int_eq(view_init(cut, i, &view), -EBADMSG);
	}
}
END_TEST

START_TEST(a_truncated_view_whose_length_was_forged_is_read_within_its_bounds)
{
	size_t i;

	for (i = sizeof(struct view_header); i < length; i++) {
		_cleanup_(freep) uint8_t *cut = malloc(i);

		ck_assert_ptr_nonnull(cut);
		((struct view_header *)bytes)->length = i;
		reseal_header();
		memcpy(cut, bytes, i);
		ask_all(cut, i);
	}
}
END_TEST

START_TEST(forged_offsets_are_read_within_the_bounds)
{
	static const uint32_t values[] = { 0, 1, 8, 127, 128, 0x7fffffff, 0x80000000, 0xfffffff8,
		0xffffffff };
	const size_t first = offsetof(struct view_header, accounts);
	const size_t last = offsetof(struct view_header, reserved);
	size_t at, i;

	for (at = first; at < last; at += sizeof(uint32_t))
		for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			uint32_t saved;

			memcpy(&saved, bytes + at, sizeof(saved));
			memcpy(bytes + at, &values[i], sizeof(saved));
			reseal_header();
			ask_all(bytes, length);
			memcpy(bytes + at, &saved, sizeof(saved));
		}
}
END_TEST

START_TEST(an_index_without_an_empty_place_ends)
{
	struct view_header *header = (void *)bytes;
	struct view_slot *slots = (void *)(bytes + header->names_at);
	struct view_account got;
	size_t i;

	for (i = 0; i < header->slots; i++)
		if (slots[i].record == 0)
			slots[i].record = header->records_at;
	ck_assert_int_eq(
		view_account_by_name(&view, "support-nobody", buffer, sizeof(buffer), &got),
		-ENOENT);
}
END_TEST

START_TEST(another_version_is_refused)
{
	((struct view_header *)bytes)->version = VIEW_VERSION + 1;
	reseal_header();
	ck_assert_int_eq(view_init(bytes, length, &view), -EBADMSG);
}
END_TEST

START_TEST(another_byte_order_is_refused)
{
	struct view_header *header = (void *)bytes;

	header->magic = __builtin_bswap64(header->magic);
	reseal_header();
	ck_assert_int_eq(view_init(bytes, length, &view), -EBADMSG);
}
END_TEST

START_TEST(random_bytes_are_refused)
{
	uint64_t state = 42;
	size_t round, i;

	for (round = 0; round < 1000; round++) {
		for (i = 0; i < length; i++)
			bytes[i] = (uint8_t)(state = view_mix(state, i));
		ck_assert_int_eq(view_init(bytes, length, &view), -EBADMSG);
		/* And below a header that was made to hold. */
		*(struct view_header *)bytes = (struct view_header){ .magic = VIEW_MAGIC,
			.version = VIEW_VERSION,
			.length = length,
			.accounts = SAMPLES,
			.groups = 4,
			.slots = 8,
			.names_at = 128,
			.uids_at = 192,
			.order_at = 256,
			.groups_at = 268,
			.records_at = 288 };
		reseal_header();
		ck_assert_uint_eq(ask_all(bytes, length), 0);
	}
}
END_TEST

static void damage(Suite *suite)
{
	const TTest *const tests[] = {
		a_flipped_bit_anywhere_never_makes_a_wrong_answer,
		a_byte_that_became_0_or_255_never_makes_a_wrong_answer,
		a_truncated_view_is_refused_at_every_length,
		a_truncated_view_whose_length_was_forged_is_read_within_its_bounds,
		forged_offsets_are_read_within_the_bounds,
		an_index_without_an_empty_place_ends,
		another_version_is_refused,
		another_byte_order_is_refused,
		random_bytes_are_refused,
	};
	TCase *tcase = tcase_create("damage");
	size_t i;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite = suite_create("view_damage");
	SRunner *runner = srunner_create(suite);
	int failed;

	damage(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
