#ifndef STOA_TESTS_SIM_PROJECT_H
#define STOA_TESTS_SIM_PROJECT_H

/// The small project that the simulated server serves: twenty customers in a file, events of clicks, a window of them,
/// a policy whose labels close at the first reward and one whose labels wait.

/// Write it into an empty folder.
void project_write(const char *folder);
/// Remove its state, for the next run; then all of it.
void project_forget(const char *folder);
void project_remove(const char *folder);

#endif
