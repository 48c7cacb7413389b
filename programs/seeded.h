/* seeded.h: a checkpoint of made-up weights. */
#ifndef PROGRAMS_SEEDED_H
#define PROGRAMS_SEEDED_H

/* Writes the architecture called `name` to a temporary file.  Its path, for
 * seeded_remove; NULL after a complaint.  A process of its own does it, so that
 * the memory that it takes is not counted as this one's.
 */
char *seeded_file(const char *name);

/* Removes the file, and frees its path; NULL: nothing. */
void seeded_remove(char *path);

#endif
